import { join } from "node:path";
import type { RuntimeContext } from "../context.js";
import { listRecords } from "../container/container-store.js";
import { labelIs } from "../container/filter.js";
import { LABEL } from "../container/label-names.js";
import { currentNames, type LogStreamName } from "../log/segment-names.js";
import { logPaths } from "./log-paths.js";
import { namesWithLogs } from "./names-with-logs.js";

/** How often the logs are looked at, in milliseconds. */
const PERIOD_MS = 10_000;
const BUSY = new Error("somebody else is looking at the logs");

export interface LogLimits {
  /** The size in bytes at which a log file is put aside, and as much of it is kept. */
  readonly maxBytes: number;
}

/**
 * Keeps plain logs from filling the disk: the end of a file that has grown beyond the limit is copied to `<file>.1`, and the
 * file is emptied. Works because the shim only ever appends. What is written between the copy and the emptying is lost.
 * Logs with times are their log process's.
 *
 * Does not keep the process alive. Each process that uses the same namespace looks after all of its containers, at most one
 * at a time.
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
    if (this.#timer !== undefined) return;
    const look = (): void => {
      this.#round = this.#round.then(() => this.look());
    };
    this.#timer = setInterval(look, PERIOD_MS).unref();
    // Those who looked before may be gone, and this process may be too when the first period is over.
    look();
  }

  /** Looks at all logs once. Never throws: what goes wrong is logged, and tried again the next time. */
  async look(): Promise<void> {
    const context = this.#context();
    const giveWay = new AbortController();
    const onHeld = (): void => {
      giveWay.abort(BUSY);
    };
    const { signal } = giveWay;
    try {
      await context.host.lock(`log-guard:${context.logDirFmt}`, () => this.#lookAtAll(context), { signal, onHeld });
    } catch (error) {
      if (error !== BUSY) context.logger.warn("the logs' sizes could not be looked at", { error });
    }
  }

  /** By their folders: of the daemon nothing is asked as long as they are small. */
  async #lookAtAll(context: RuntimeContext): Promise<void> {
    for (const name of await namesWithLogs(context))
      for (const stream of ["stdout", "stderr"] as const) await this.#limit(context, name, stream);
  }

  async #limit(context: RuntimeContext, name: string, stream: LogStreamName): Promise<void> {
    const paths = logPaths(context.logDirFmt, name);
    const file = paths[stream];
    const { files } = context.host;
    const { maxBytes } = this.#limits;
    try {
      if ((await files.size(file)) <= maxBytes) return;
      if (await files.exists(join(paths.directory, currentNames(stream).times))) return;
      if (!(await isOurs(context, name))) return;
      await files.putAside(file, `${file}.1`, maxBytes);
      context.logger.info("a log has reached its limit", { file, maxBytes });
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

/** Other namespaces may share the folder, and have another limit. */
async function isOurs(context: RuntimeContext, name: string): Promise<boolean> {
  const client = context.client.background();
  for await (const record of listRecords({ ...context, client }, [labelIs(LABEL.name, name)], {}))
    if (record.name === name) return true;
  return false;
}
