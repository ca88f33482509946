import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

export interface LogsOptions extends OperationOptions {
  /**
   * Go on with what is written from now on, over restarts too, whether `restart` makes them or a restart policy, until the
   * container has ended, is not to be started again, and all is read. Default false.
   */
  readonly follow?: boolean;
  /** Only what was written at this time or later. What has no time is taken for older. */
  readonly since?: Date;
  /** Only what was written before this time. */
  readonly until?: Date;
  /** Only so many of the last lines of both streams together; what follows is not counted. Default: all. */
  readonly tail?: number;
  /** Default: both. */
  readonly streams?: readonly ("stdout" | "stderr")[];
}

interface LogEntryBase {
  readonly stream: "stdout" | "stderr";
  /** When it was written, to the millisecond; absent in a log without times. */
  readonly time?: Date;
}

/**
 * - `line`: with its line break, where it has one: the last one may have none, and one longer than 1 MiB comes in pieces.
 * - `lost`: so many bytes of this stream are not there: given up because there was no room for them, or in a file that
 *   was removed, because there were enough newer ones, before it was read.
 */
export type LogEntry =
  | (LogEntryBase & { readonly kind: "line"; readonly line: Uint8Array })
  | (LogEntryBase & { readonly kind: "lost"; readonly bytes: number });

/** The capability to read what a container wrote by lines and times. */
export interface Logs {
  /**
   * In the order of their times; within each stream in the order in which they were written. Throws `NOT_FOUND`, and
   * `INVALID_ARGUMENT` for a `tail` that is no whole number from 0.
   */
  logs(container: ContainerRef, options?: LogsOptions): AsyncIterable<LogEntry>;
}

/** Whether the runtime has {@link Logs}. */
export function hasLogs(runtime: Runtime): runtime is Runtime & Logs {
  return "logs" in runtime && typeof runtime.logs === "function";
}
