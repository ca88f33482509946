import type { OperationOptions, Runtime } from "../runtime.js";

export interface RecoverOptions extends OperationOptions {
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean;
}

/**
 * What somebody who died has left:
 *
 * - `container`: half made or half removed, nobody being at work on it
 * - `name`: reserved for a container that never came to be
 * - `exit`: a container has ended, and nobody has written down how
 * - `task`, `shim`: a process of a container that has no record any more, or a shim without a task
 * - `bundle`: folders that containerd keeps for a task, of one that there is none of
 * - `files`, `log`, `fifo`, `cgroup`, `network`, `snapshot`: of a container that there is none of any more
 * - `lease`, `ingest`: of a pull whose process has died
 */
export type RemnantKind =
  | "container"
  | "name"
  | "exit"
  | "task"
  | "shim"
  | "bundle"
  | "files"
  | "log"
  | "fifo"
  | "cgroup"
  | "network"
  | "snapshot"
  | "lease"
  | "ingest";

/** One thing that was found, for programs and for people. */
export interface Remnant {
  readonly kind: RemnantKind;
  /** Its id, name or path. */
  readonly subject: string;
  /** How it came to be there: `its maker died before it was whole`. */
  readonly meaning: string;
}

/** What could not be done, or not even looked for, and why. */
export interface RecoverFailure {
  readonly kind: RemnantKind;
  readonly subject: string;
  readonly reason: string;
}

export interface RecoverReport {
  readonly dryRun: boolean;
  readonly found: readonly Remnant[];
  /** Of what was found, what is in order again. Empty in a dry run. */
  readonly done: readonly Remnant[];
  readonly failed: readonly RecoverFailure[];
}

/** The capability to bring what a runtime holds and what the host holds together again, after a crash or a reboot. */
export interface Recover {
  /**
   * Finds what dead processes have left, and removes or completes it. What a living process is at work on, what is not
   * this runtime's, and other namespaces are left alone. Bounded in time, also where something does not answer: that is
   * listed in `failed`. Done again, it finds nothing. Throws `UNAVAILABLE` when there is nobody to ask at all.
   */
  recover(options?: RecoverOptions): Promise<RecoverReport>;
}

/** Whether the runtime has {@link Recover}. */
export function canRecover(runtime: Runtime): runtime is Runtime & Recover {
  return "recover" in runtime && typeof runtime.recover === "function";
}
