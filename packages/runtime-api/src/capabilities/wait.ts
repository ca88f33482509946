import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** How a container's first process ended. */
export interface ContainerExit {
  /** 0 to 255; 128 + n for a process that was ended by signal n; `unknown` when nobody can say any more. */
  readonly exitCode: number | "unknown";
  readonly exitedAt?: Date;
  readonly oomKilled?: boolean;
}

export interface WaitOptions extends OperationOptions {
  /**
   * Not before nobody starts the container again: neither its owner, who is at a restart, nor its restart policy. Default
   * false: when it has exited, whatever comes next.
   */
  readonly final?: boolean;
}

/** The capability to wait for a container's end. */
export interface Wait {
  /**
   * Resolves when the container has exited, at once when it has already, or was created and never started: its exit code
   * is `unknown` then, and nothing is written down about it. Survives a restart of the daemon underneath.
   * Throws `NOT_FOUND`, also when the container is deleted in the meantime without a trace of its exit.
   */
  wait(container: ContainerRef, options?: WaitOptions): Promise<ContainerExit>;
}

export function canWait(runtime: Runtime): runtime is Runtime & Wait {
  return "wait" in runtime && typeof runtime.wait === "function";
}
