import { RuntimeError } from "@voiyd/runtime-api";

/** A signal that aborts when the outer one does, or with `TIMEOUT` when the time is over. Dispose it in the end. */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort: () => void;

  /** `what` stands in the message of the timeout, as in "attach of container x". */
  constructor(ms: number, what: string, outer?: AbortSignal) {
    outer?.throwIfAborted();
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = setTimeout(() => {
      controller.abort(new RuntimeError("TIMEOUT", `${what}: not done within ${String(ms)} ms`));
    }, ms);
    this.#outer = outer;
    this.#onAbort = () => {
      controller.abort(outer?.reason);
    };
    outer?.addEventListener("abort", this.#onAbort, { once: true });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }
}
