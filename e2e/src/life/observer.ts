import type { ContainerAction, ContainerEvent } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";

type State = "none" | "created" | "running" | "paused" | "ended";

/** What may follow what: the state that an event leads to, by the state that it finds. */
const STEPS: Readonly<Partial<Record<ContainerAction, Readonly<Partial<Record<State, State>>>>>> = {
  create: { none: "created" },
  start: { created: "running", ended: "running" },
  pause: { running: "paused" },
  unpause: { paused: "running" },
  die: { running: "ended", paused: "ended" },
  destroy: { created: "none", ended: "none" },
};

/** Follows the events of a runtime, and knows from them alone what every container does. */
export class Observer {
  /** What cannot have happened in that order. */
  readonly mistakes: string[] = [];
  told = 0;
  synthetic = 0;
  readonly #states = new Map<string, State>();
  readonly #seen = new Map<string, string[]>();
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #wake: () => void = () => undefined;

  constructor(runtime: ContainerdRuntime) {
    const events = runtime.events({ signal: this.#abort.signal });
    this.#done = this.#follow(events);
  }

  /** Of the containers that are there still, by what was told. */
  get alive(): string[] {
    return [...this.#states].flatMap(([id, state]) => (state === "none" ? [] : [`${id} ${state}`]));
  }

  /** What the events have led to; `none` for what they never spoke of. */
  stateOf(id: string): State {
    return this.#states.get(id) ?? "none";
  }

  /** Everything that was told of containers of that name, with the codes of their ends. */
  historyOf(name: string): readonly string[] {
    return this.#seen.get(name) ?? [];
  }

  /** Resolves when a container of that name has been told of. */
  async untilTold(name: string): Promise<void> {
    while (!this.#seen.has(name)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #follow(events: AsyncIterable<ContainerEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.#take(event);
        this.#wake();
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.mistakes.push(`the events ended: ${String(error)}`);
      this.#wake();
    }
  }

  #take({ id, action, name, synthetic, exitCode }: ContainerEvent): void {
    this.told += 1;
    if (synthetic) this.synthetic += 1;
    const history = this.#seen.get(name) ?? [];
    history.push(exitCode === undefined ? action : `${action} ${String(exitCode)}`);
    this.#seen.set(name, history);
    const steps = STEPS[action];
    if (steps === undefined) return;
    const before = this.stateOf(id);
    const after = steps[before];
    if (after === undefined) this.mistakes.push(`${action} of ${name}, which is ${before}`);
    else this.#states.set(id, after);
  }
}
