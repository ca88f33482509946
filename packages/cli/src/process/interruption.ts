import { setMaxListeners } from "node:events";
import type { SignalName, SignalSource } from "./surroundings.js";

const SIGNAL_NUMBERS: Readonly<Record<SignalName, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR2: 12,
  SIGTERM: 15,
};

/** The reason of an abort by a signal to this process. */
export class Interrupted extends Error {
  readonly signalName: SignalName;

  constructor(signalName: SignalName) {
    super(`interrupted by ${signalName}`);
    this.name = "Interrupted";
    this.signalName = signalName;
  }

  /** What a shell reports for a process that the signal ended. */
  get exitCode(): number {
    return 128 + SIGNAL_NUMBERS[this.signalName];
  }
}

/** Turns the process's signals into an abort, until a command takes them over. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #unsubscribe: () => void;
  #handler: ((signal: SignalName) => void) | undefined;

  constructor(source: SignalSource) {
    // Every operation of a command listens, and a command may have many under way.
    setMaxListeners(0, this.signal);
    this.#unsubscribe = source.subscribe((name) => {
      if (this.#handler === undefined) this.#controller.abort(new Interrupted(name));
      else this.#handler(name);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * From now on signals go to `handler`; so does one that came too late for the work that it was to abort.
   */
  takeOver(handler: (signal: SignalName) => void): void {
    this.#handler = handler;
    const reason: unknown = this.signal.reason;
    if (reason instanceof Interrupted) handler(reason.signalName);
  }

  dispose(): void {
    this.#unsubscribe();
  }
}
