import type { MemoryClock } from "./clock.js";
import type { OutputLog } from "./output-log.js";
import type { Program } from "./program.js";

const SIGKILL = 9;
/** What a shell adds to a signal's number to tell of a process that it ended. */
const BY_SIGNAL = 128;

export interface ProcessRequest {
  readonly program: Program;
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly clock: MemoryClock;
  readonly stdout: OutputLog;
  readonly stderr: OutputLog;
}

/** A simulated first process of a container: a program on its way from start to exit. */
export class MemoryProcess {
  readonly pid: number;
  /** Resolves with the exit code when the process has ended. Never rejects. */
  readonly exited: Promise<number>;
  readonly #gone = new AbortController();
  readonly #handlers = new Map<number, () => void>();
  #end: (exitCode: number) => void = () => {};

  constructor(request: ProcessRequest) {
    this.pid = request.pid;
    this.exited = new Promise((resolve) => {
      this.#end = (exitCode): void => {
        if (this.#gone.signal.aborted) return;
        this.#gone.abort();
        request.stdout.close();
        request.stderr.close();
        resolve(exitCode);
      };
    });
    void this.#live(request);
  }

  get alive(): boolean {
    return !this.#gone.signal.aborted;
  }

  /** Delivers a signal. The process may go on, except after SIGKILL. */
  signal(number: number): void {
    if (number === SIGKILL) this.#end(BY_SIGNAL + SIGKILL);
    else if (this.alive) this.#handlers.get(number)?.();
  }

  async #live({ program, stdout, stderr, args, env, workingDir, clock }: ProcessRequest): Promise<void> {
    const write =
      (log: OutputLog) =>
      (data: string | Uint8Array): void => {
        if (this.alive) log.write(data);
      };
    try {
      const onSignal = (signal: number, handler: () => void): void => {
        this.#handlers.set(signal, handler);
      };
      const gone = this.#gone.signal;
      // A process starts after its parent has gone on, never within the call that starts it.
      await Promise.resolve();
      const exitCode = await program({
        args,
        env,
        workingDir,
        clock,
        stdout: write(stdout),
        stderr: write(stderr),
        onSignal,
        gone,
      });
      this.#end(exitCode & 0xff);
    } catch (error) {
      write(stderr)(`${String(error)}\n`);
      this.#end(1);
    }
  }
}
