import type { RuntimeContext } from "../context.js";
import { listRecords } from "../container/container-store.js";
import { logPaths } from "./log-paths.js";

/** How often the logs are looked at, in milliseconds. */
const PERIOD_MS = 10_000;

export interface LogLimits {
  /** The size in bytes at which a log file is put aside. */
  readonly maxBytes: number;
}

/**
 * Keeps logs from filling the disk: a file that has grown beyond the limit is copied to `<file>.1` and emptied. Works
 * because the shim only ever appends. What is written between the copy and the emptying is lost.
 *
 * Does not keep the process alive. Each process that uses the same namespace looks after all of its containers.
 */
export class LogGuard implements AsyncDisposable {
  readonly #context: () => RuntimeContext;
  readonly #limits: LogLimits;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(context: () => RuntimeContext, limits: LogLimits) {
    this.#context = context;
    this.#limits = limits;
  }

  /** Begins to look, from the first container on that somebody runs. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.#round = this.#round.then(() => this.look());
    }, PERIOD_MS).unref();
  }

  /** Looks at all logs once. Never throws: what goes wrong is logged, and tried again the next time. */
  async look(): Promise<void> {
    const context = this.#context();
    try {
      for await (const { name } of listRecords({ ...context, client: context.client.background() }, [], {})) {
        const { stdout, stderr } = logPaths(context.logDirFmt, name);
        for (const file of [stdout, stderr]) await this.#limit(context, file);
      }
    } catch (error) {
      context.logger.warn("the logs' sizes could not be looked at", { error });
    }
  }

  async #limit(context: RuntimeContext, file: string): Promise<void> {
    try {
      if ((await context.host.files.size(file)) <= this.#limits.maxBytes) return;
      await context.host.files.putAside(file, `${file}.1`);
      context.logger.info("a log has reached its limit", { file, maxBytes: this.#limits.maxBytes });
    } catch (error) {
      // The other logs are looked at all the same.
      context.logger.warn("a log could not be put aside", { file, error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }
}
