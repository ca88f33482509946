import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { errorCode } from "./error-code.js";

/** A program to run. No shell is involved. */
export interface ProcessRequest {
  readonly file: string;
  readonly args?: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** On abort the program may end by itself within `graceMs`; then its whole process group is ended. */
  readonly signal?: AbortSignal;
  readonly graceMs?: number;
  /** The most that it may write, in bytes. Default: {@link OUTPUT_LIMIT_BYTES}. */
  readonly outputLimit?: number;
}

/** How a program ended. */
export interface ProcessOutcome {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because it wrote more than it may. */
  readonly overflowed: boolean;
  readonly durationMs: number;
}

/** Runs programs. The seam for tests. Rejects only when a program could not be started. */
export type RunProcess = (request: ProcessRequest) => Promise<ProcessOutcome>;

/** The most that is kept of each of a program's outputs, in bytes. No honest plugin comes near it. */
export const OUTPUT_LIMIT_BYTES: number = 1024 * 1024;
/** The same for a listing of all rules of a host, of which some have very many. */
export const RULES_LIMIT_BYTES: number = 64 * 1024 * 1024;

/** How long a program may take between SIGTERM and SIGKILL. */
export const TERMINATE_MS = 1000;
/** How long the outputs of an ended program may be held open by what it left running. */
export const LINGER_MS = 1000;
/** A plugin that is just being installed is busy for a moment (`ETXTBSY`); libcni waits for it as well. */
const BUSY_RETRIES = 5;
const BUSY_WAIT_MS = 1000;

/** Runs a program in a process group of its own, and waits for its end. */
export function runProcess(request: ProcessRequest): Promise<ProcessOutcome> {
  return whenNotBusy(() => runOnce(request));
}

/** Repeats what fails because the program's file is being written. */
export async function whenNotBusy(run: () => Promise<ProcessOutcome>): Promise<ProcessOutcome> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (errorCode(error) !== "ETXTBSY" || attempt >= BUSY_RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
    }
  }
}

function runOnce(request: ProcessRequest): Promise<ProcessOutcome> {
  request.signal?.throwIfAborted();
  const started = performance.now();
  // A group of its own (`detached`), so that ending it ends what it started: iptables, IPAM plugins.
  const child = spawn(request.file, request.args ?? [], { env: request.env, cwd: "/", detached: true, stdio: "pipe" });
  const limit = request.outputLimit ?? OUTPUT_LIMIT_BYTES;
  const stdout = new Collector(child.stdout, limit, () => {
    endGroup(child, "SIGKILL");
  });
  const stderr = new Collector(child.stderr, limit, () => {
    endGroup(child, "SIGKILL");
  });
  return new Promise((resolve, reject) => {
    const timers = new Set<NodeJS.Timeout>();
    const after = (ms: number, action: () => void): void => void timers.add(setTimeout(action, ms));
    const onAbort = (): void => {
      after(request.graceMs ?? 0, () => {
        endGroup(child, "SIGTERM");
        after(TERMINATE_MS, () => {
          endGroup(child, "SIGKILL");
        });
      });
    };
    const settle = (): void => {
      timers.forEach((timer) => {
        clearTimeout(timer);
      });
      request.signal?.removeEventListener("abort", onAbort);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("exit", () => {
      after(LINGER_MS, () => {
        endGroup(child, "SIGKILL");
        child.stdout.destroy();
        child.stderr.destroy();
      });
    });
    child.once("close", (exitCode, signal) => {
      settle();
      resolve({
        exitCode,
        signal,
        stdout: stdout.text(),
        stderr: stderr.text(),
        overflowed: stdout.overflowed || stderr.overflowed,
        durationMs: performance.now() - started,
      });
    });
    request.signal?.addEventListener("abort", onAbort, { once: true });
    // A program that does not read its input closes the pipe, and that is its right.
    child.stdin.on("error", (error) => {
      stderr.note(error);
    });
    child.stdin.end(request.stdin ?? "");
  });
}

/** Ends the whole group; a child that could not be started has none, and a group may be gone. */
function endGroup(child: ChildProcessWithoutNullStreams, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

/** Keeps what a stream carries, up to the limit. */
class Collector {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  overflowed = false;

  constructor(stream: NodeJS.ReadableStream, limit: number, onOverflow: () => void) {
    stream.on("data", (chunk: Buffer) => {
      this.#length += chunk.length;
      if (this.#length <= limit) this.#chunks.push(chunk);
      else if (!this.overflowed) {
        this.overflowed = true;
        onOverflow();
      }
    });
    stream.on("error", (error) => {
      this.note(error);
    });
  }

  /** Anything but a closed pipe is worth a line beside what the program itself said. */
  note(error: unknown): void {
    if (errorCode(error) !== "EPIPE" && errorCode(error) !== "ECONNRESET")
      this.#chunks.push(Buffer.from(String(error)));
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
