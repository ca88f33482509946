import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { isJsonObject, numberAt, objectAt, stringAt, type JsonObject } from "../protocol/json.js";
import { BROKER_SOURCE } from "./broker-source.js";
import { baseEnvironment } from "./environment.js";
import { errorCode } from "./error-code.js";
import {
  LINGER_MS,
  OUTPUT_LIMIT_BYTES,
  TERMINATE_MS,
  type ProcessOutcome,
  type ProcessRequest,
} from "./run-process.js";
import { endMarked } from "./end-marked.js";

/** A program that the broker runs. */
interface Job {
  readonly resolve: (outcome: ProcessOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** The variable by which programs of a broker are known, should it die before it can say what it has started. */
const MARK = "VOIYD_BROKER";

/** One helper process, for as long as it lives. */
export class Broker {
  readonly #child: ChildProcess;
  readonly #jobs = new Map<number, Job>();
  readonly #mark: string = randomUUID();
  #last = 0;
  alive = true;

  constructor() {
    // Nothing of our options and environment: what a backend preloads into itself has no business here.
    const args = ["--input-type=commonjs", "--eval", BROKER_SOURCE];
    this.#child = spawn(process.execPath, args, {
      env: baseEnvironment(),
      cwd: "/",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (message) => {
      if (isJsonObject(message)) this.#receive(message);
    });
    this.#child.once("error", (error) => {
      this.#end(errorCode(error) ?? error.message);
    });
    this.#child.once("exit", () => {
      this.#end("EPIPE");
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** The process; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** As `runProcess`, but without its patience for busy files. */
  async run(request: ProcessRequest): Promise<ProcessOutcome> {
    const { file, args = [], env, stdin = "", signal, graceMs = 0, outputLimit: limit = OUTPUT_LIMIT_BYTES } = request;
    signal?.throwIfAborted();
    this.#last += 1;
    const id = this.#last;
    const timers = new Set<NodeJS.Timeout>();
    const after = (ms: number, action: () => void): void => void timers.add(setTimeout(action, ms));
    const onAbort = (): void => {
      after(graceMs, () => {
        this.#send({ id, kill: "SIGTERM" });
        after(TERMINATE_MS, () => {
          this.#send({ id, kill: "SIGKILL" });
        });
      });
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await new Promise<ProcessOutcome>((resolve, reject) => {
        this.#jobs.set(id, { resolve, reject });
        // Only while something is asked for, the broker keeps this process from ending.
        this.#child.channel?.ref();
        const marked = { ...env, [MARK]: this.#mark };
        this.#send({ id, file, args, env: marked, stdin, limit, linger: LINGER_MS });
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
      timers.forEach((timer) => {
        clearTimeout(timer);
      });
      this.#jobs.delete(id);
      if (this.#jobs.size === 0) this.#child.channel?.unref();
    }
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (!this.alive) return;
    this.#child.ref();
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #send(message: JsonObject): void {
    if (!this.alive || !this.#child.connected) {
      this.#end("EPIPE");
      return;
    }
    this.#child.send(message, (error) => {
      if (error !== null) this.#end(errorCode(error) ?? error.message);
    });
  }

  #receive(message: JsonObject): void {
    const job = this.#jobs.get(numberAt(message, "id") ?? 0);
    if (job === undefined) return;
    const [error, outcome] = [stringAt(message, "error"), objectAt(message, "outcome")];
    if (error !== undefined) job.reject(failure("the program cannot be started", error));
    if (outcome !== undefined) job.resolve(outcomeOf(outcome));
  }

  /** Whatever it was running is ended with it: whoever asked is about to undo it. */
  #end(code: string): void {
    if (!this.alive) return;
    this.alive = false;
    const jobs = [...this.#jobs.values()];
    if (jobs.length === 0) return;
    endMarked(`${MARK}=${this.#mark}`).then(
      () => {
        for (const { reject } of jobs) reject(failure("the process that runs plugins has ended", code));
      },
      (error: unknown) => {
        for (const { reject } of jobs)
          reject(failure("what a dead process has started cannot be ended", String(error)));
      },
    );
  }
}

function outcomeOf(outcome: JsonObject): ProcessOutcome {
  return {
    exitCode: numberAt(outcome, "exitCode") ?? null,
    signal: stringAt(outcome, "signal") ?? null,
    stdout: stringAt(outcome, "stdout") ?? "",
    stderr: stringAt(outcome, "stderr") ?? "",
    overflowed: outcome["overflowed"] === true,
    durationMs: numberAt(outcome, "durationMs") ?? 0,
  };
}

function failure(message: string, code: string): Error {
  return Object.assign(new Error(`${message} (${code})`), { code });
}
