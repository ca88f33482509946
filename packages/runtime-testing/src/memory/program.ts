import type { MemoryClock } from "./clock.js";

/** What a simulated program sees of its container. */
export interface ProgramContext {
  /** The whole command line, the command itself first. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly clock: MemoryClock;
  readonly stdout: (data: string | Uint8Array) => void;
  readonly stderr: (data: string | Uint8Array) => void;
  /**
   * Handles a signal by its number. One without a handler is ignored, as the kernel does it with the first process of a
   * pid namespace (pid_namespaces(7)); SIGKILL cannot be handled.
   */
  readonly onSignal: (signal: number, handler: () => void) => void;
  /** Aborted when the process is gone: whatever waits should stop waiting. */
  readonly gone: AbortSignal;
}

/** A simulated program: its promise is its life, its number the exit code (0 to 255). One that throws ends with 1. */
export type Program = (context: ProgramContext) => number | Promise<number>;
