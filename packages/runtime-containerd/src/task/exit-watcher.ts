import type { RuntimeContext } from "../context.js";
import { recordExit } from "./record-exit.js";
import { waitForExit } from "./wait-for-exit.js";

/**
 * Records the exits of the containers that this runtime started, as they happen, so that they are known even when the
 * shim or the daemon dies later. Does not keep the process alive.
 */
export class ExitWatcher implements AsyncDisposable {
  readonly #watched = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  readonly #context: () => RuntimeContext;

  constructor(context: () => RuntimeContext) {
    this.#context = context;
  }

  watch(id: string): void {
    const stop = new AbortController();
    const done = this.#record(id, stop.signal).finally(() => this.#watched.delete(id));
    this.#watched.set(id, { stop, done });
  }

  /** The container is being removed: its exit is nobody's business any more. */
  forget(id: string): void {
    this.#watched.get(id)?.stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watched = [...this.#watched.values()];
    for (const { stop } of watched) stop.abort();
    await Promise.all(watched.map(({ done }) => done));
  }

  async #record(id: string, signal: AbortSignal): Promise<void> {
    const context = this.#context();
    const background = { ...context, client: context.client.background() };
    try {
      const exit = await waitForExit(background, id, { signal });
      if (exit.exitCode !== "unknown") await recordExit(background, id, exit, { signal });
    } catch (error) {
      // Nothing is lost but the record: whoever asks for the exit asks the task.
      if (!signal.aborted) context.logger.debug("an exit could not be recorded", { container: id, error });
    }
  }
}
