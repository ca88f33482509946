import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** A process of a container, as the host sees it. */
export interface ContainerProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** The numeric user id on the host. */
  readonly uid: number;
  readonly started: Date;
  /** Of the CPU, in the user's programs and in the kernel together, in milliseconds. */
  readonly cpuMs: number;
  /** The kernel's number of its terminal; 0 where it has none (`proc_pid_stat(5)`). */
  readonly terminal: number;
  /** The name of the program, at most fifteen characters. */
  readonly command: string;
  /** Its arguments, the program's own name first; empty for a process that is dead, or that shows none. */
  readonly args: readonly string[];
}

/** The capability to list the processes of a container. */
export interface Top {
  /** Throws `NOT_FOUND`, and `FAILED_PRECONDITION` for a container that does not run. */
  top(container: ContainerRef, options?: OperationOptions): Promise<ContainerProcess[]>;
}

/** Whether the runtime has {@link Top}. */
export function hasTop(runtime: Runtime): runtime is Runtime & Top {
  return "top" in runtime && typeof runtime.top === "function";
}
