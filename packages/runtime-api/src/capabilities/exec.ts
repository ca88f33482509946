import type { ContainerRef, EnvVar } from "../container.js";
import type { ID } from "../id.js";
import type { OperationOptions, Runtime } from "../runtime.js";
import type { ContainerExit } from "./wait.js";

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A further process for a container that runs. What is absent is as it is for the container's first process. */
export interface ExecRequest {
  /** The command and its arguments; at least one. */
  readonly args: readonly string[];
  /** `user[:group]`, each as a name of the container's own files or a number. */
  readonly user?: string;
  /** An absolute path in the container. It has to be there. */
  readonly workingDir?: string;
  /** Added to the container's environment; a name given here wins. */
  readonly envvars?: readonly EnvVar[];
  /** A terminal of its own: standard output and standard error are one stream then. Default false. */
  readonly tty?: boolean;
  /** Of the terminal, from its start. Default: 80 by 24. */
  readonly size?: TerminalSize;
  /** All capabilities of the host. Default false. */
  readonly privileged?: boolean;
  /** Its standard input can be written to; without it there is none. Default false. */
  readonly stdin?: boolean;
  /** Nobody reads its output, and it goes on when the caller ends. Not together with `stdin`. Default false. */
  readonly detached?: boolean;
}

/**
 * A process that was started in a container. Both output streams have to be read or cancelled: a process whose output
 * nobody takes is held up when the pipe is full.
 *
 * Disposing of it ends the process with its whole process group, unless it is detached or has ended.
 */
export interface ExecProcess extends AsyncDisposable {
  readonly id: ID;
  /** On the host. */
  readonly pid: number;
  /** Close it to give the process its end of file. Absent unless it was asked for. */
  readonly stdin?: WritableStream<Uint8Array>;
  /** Empty for a detached process. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Empty for a detached process, and for one with a terminal. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Its exit: 128 + n after signal n. Rejects with the reason of the abort where the process was ended by that. */
  readonly exited: Promise<ContainerExit>;
  /** Sends a signal to the process, as `SIGTERM`, `TERM` or a number. One that has ended is left alone. */
  kill(signal: string, options?: OperationOptions): Promise<void>;
  /** Throws `FAILED_PRECONDITION` for a process without a terminal. One that has ended is left alone. */
  resize(size: TerminalSize, options?: OperationOptions): Promise<void>;
}

/** The capability to start further processes in a container. */
export interface Exec {
  /**
   * Resolves once the process has been started. The signal is for the process's whole life: an abort kills its process
   * group. A process that is detached is nobody's: an abort after its start changes nothing for it.
   *
   * Throws `INVALID_ARGUMENT`, `NOT_FOUND`, `FAILED_PRECONDITION` for a container that does not run, `USER_NOT_FOUND`,
   * `COMMAND_NOT_FOUND` (a shell's 127), `COMMAND_NOT_EXECUTABLE` (a shell's 126).
   */
  exec(container: ContainerRef, request: ExecRequest, options?: OperationOptions): Promise<ExecProcess>;
}

/** Whether the runtime has {@link Exec}. */
export function canExec(runtime: Runtime): runtime is Runtime & Exec {
  return "exec" in runtime && typeof runtime.exec === "function";
}
