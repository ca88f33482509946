import type { OperationOptions, Runtime } from "../runtime.js";

export interface SuperviseOptions extends OperationOptions {
  /**
   * `abort` (default): until the signal is aborted or the supervision is disposed of. `idle`: also ends when no container
   * needs it any more, and at once where somebody else supervises.
   */
  readonly until?: "abort" | "idle";
}

/**
 * A supervision under way. Disposing of it ends it, when the starts that it is at are finished or, after a few seconds,
 * undone; the containers are left as they are, and the next one takes over.
 */
export interface Supervision extends AsyncDisposable {
  /** Resolves when this one is in charge of the host's containers; it stands by while another process is. */
  readonly active: Promise<void>;
  /** Resolves when it has ended, also by an abort; rejects with what keeps it from its work. */
  readonly ended: Promise<void>;
}

/** The capability to start containers again by their `restartPolicy`, and to watch their health by their `healthCheck`. */
export interface Supervise {
  /**
   * Supervises the containers of the runtime's namespace. One process of the host is in charge at a time; the others
   * stand by and take over when it ends, with all that was known: nothing is kept in memory alone.
   */
  supervise(options?: SuperviseOptions): Supervision;
}

/** Whether the runtime has {@link Supervise}. */
export function canSupervise(runtime: Runtime): runtime is Runtime & Supervise {
  return "supervise" in runtime && typeof runtime.supervise === "function";
}
