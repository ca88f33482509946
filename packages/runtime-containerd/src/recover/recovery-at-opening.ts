import type { RuntimeContext } from "../context.js";
import { recoverContainers } from "./recover-all.js";

/**
 * With its first call a runtime looks once, beside the call, for what dead processes have left half made: containers,
 * names and networks. Nobody waits for it; it does not keep the process alive, and it ends with the runtime.
 */
export class RecoveryAtOpening implements AsyncDisposable {
  readonly #context: RuntimeContext;
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;

  constructor(context: RuntimeContext) {
    this.#context = context;
  }

  start(): void {
    this.#running ??= this.#recover();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #recover(): Promise<void> {
    const { client, logger } = this.#context;
    const { signal } = this.#ended;
    try {
      const report = await recoverContainers({ ...this.#context, client: client.background() }, { signal });
      if (report.found.length > 0) logger.info("recovered", { done: report.done, failed: report.failed });
    } catch (error) {
      // Whoever needs what is in the way takes it over, or says so.
      if (!signal.aborted) logger.debug("what others have left could not be looked for", { error });
    }
  }
}
