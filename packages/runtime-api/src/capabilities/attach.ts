import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";
import type { TerminalSize } from "./exec.js";

export interface AttachOptions extends OperationOptions {
  /** Write to the container's standard input; it has to have been made with `stdin`. Default false. */
  readonly stdin?: boolean;
  /**
   * From now on the container's standard input lives as long as this session: when the session's `stdin` is closed, and
   * when this process dies, its first process reads its end of file. Without it, only the session's own writing ends, and
   * others can go on. A terminal has no end. Default false.
   */
  readonly stdinOnce?: boolean;
  /**
   * What comes before that which is written from now on: `none`; the last `screen`; or the container's whole `life`, from
   * its last start on. Default `none`.
   */
  readonly replay?: "none" | "screen" | "life";
}

/**
 * A session at a container's streams. Any number of them can be open at once, and each gets everything; none of them can
 * hold the container up. Disposing of it leaves the container alone.
 */
export interface AttachSession extends AsyncDisposable {
  /** Whether the container has a terminal: its output is one stream then. */
  readonly tty: boolean;
  /** Absent unless it was asked for. */
  readonly stdin?: WritableStream<Uint8Array>;
  /** Ends when the container has exited and all is read. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Empty where there is a terminal. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Throws `FAILED_PRECONDITION` for a container without a terminal. One that has exited is left alone. */
  resize(size: TerminalSize, options?: OperationOptions): Promise<void>;
}

/** The capability to take part in what a running container reads and writes. */
export interface Attach {
  /**
   * Throws `NOT_FOUND`, and `FAILED_PRECONDITION` for a container without standard input where that is asked for, and for
   * one that does not run, unless it is its whole life that is to be replayed.
   */
  attach(container: ContainerRef, options?: AttachOptions): Promise<AttachSession>;
}

/** Whether the runtime has {@link Attach}. */
export function canAttach(runtime: Runtime): runtime is Runtime & Attach {
  return "attach" in runtime && typeof runtime.attach === "function";
}
