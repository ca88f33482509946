import {
  assertTerminalSize,
  type ContainerExit,
  type ExecProcess,
  type ID,
  type OperationOptions,
  parseSignal,
  RuntimeError,
  type TerminalSize,
} from "@voiyd/runtime-api";
import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { endGroup, forgetExec } from "./end-group.js";
import type { ExecIO } from "./exec-io.js";
import type { ExecKey } from "./exec-state.js";

/** Ending has a deadline of its own, in milliseconds: the caller's patience is over already. */
const DEADLINE_MS = 60_000;

export interface StartedExec {
  readonly key: ExecKey;
  readonly id: ID;
  readonly pid: number;
  readonly tty: boolean;
  readonly detached: boolean;
  readonly io: ExecIO;
  readonly stdin: WritableStream<Uint8Array> | undefined;
  readonly exit: Promise<ContainerExit>;
}

/** A further process from its start on. */
export class RunningExec implements ExecProcess {
  readonly id: ID;
  readonly pid: number;
  readonly stdin?: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ContainerExit>;
  readonly #context: RuntimeContext;
  readonly #started: StartedExec;
  readonly #settled: Promise<void>;
  #ended = false;

  constructor(context: RuntimeContext, started: StartedExec, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#started = started;
    this.id = started.id;
    this.pid = started.pid;
    if (started.stdin !== undefined) this.stdin = started.stdin;
    this.stdout = started.io.stdout;
    this.stderr = started.io.stderr;
    this.exited = this.#untilExit(signal);
    this.#settled = this.exited.then(
      () => undefined,
      () => undefined,
    );
  }

  kill(signal: string, options: OperationOptions = {}): Promise<void> {
    const number = parseSignal(signal, "signal");
    return this.#whileAlive(
      (call) => this.#context.client.tasks.kill({ ...this.#started.key, signal: number }, call),
      options,
    );
  }

  resize(size: TerminalSize, options: OperationOptions = {}): Promise<void> {
    assertTerminalSize("size", size);
    if (!this.#started.tty) {
      throw new RuntimeError("FAILED_PRECONDITION", `process ${this.id} has no terminal`, {
        hint: "start it with tty",
      });
    }
    const { columns: width, rows: height } = size;
    return this.#whileAlive(
      (call) => this.#context.client.tasks.resizePty({ ...this.#started.key, width, height }, call),
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#started.detached && !this.#ended) await this.#end();
    if (this.#ended) await this.#settled;
    await this.#started.io[Symbol.asyncDispose]();
  }

  async #untilExit(signal: AbortSignal | undefined): Promise<ContainerExit> {
    const { io, exit, key, detached } = this.#started;
    const abort = (): void => {
      // Its failure shows in the process that lives on; the wait for it says so.
      this.#end().catch((error: unknown) => {
        this.#context.logger.warn("a process could not be ended", { ...key, error });
      });
    };
    if (!detached) signal?.addEventListener("abort", abort, { once: true });
    if (!detached && signal?.aborted === true) abort();
    try {
      const ended = await exit;
      if (!detached && signal?.aborted === true) {
        await io[Symbol.asyncDispose]();
        throw signal.reason;
      }
      return ended;
    } finally {
      this.#ended = true;
      signal?.removeEventListener("abort", abort);
      io.processEnded();
      await this.#tidyUp();
    }
  }

  /** The shim waits for the last output before it forgets; the pipes' names are not needed any more. */
  async #tidyUp(): Promise<void> {
    const { io, key } = this.#started;
    const { logger } = this.#context;
    try {
      await io.removeFifos();
    } catch (error) {
      logger.warn("the pipes of a process that has ended could not be removed", { ...key, error });
    }
    // In the background: with a reader that takes its time this takes as long.
    forgetExec(this.#context, key, {}).catch((error: unknown) => {
      logger.debug("the shim still keeps a process that has ended", { ...key, error });
    });
  }

  async #end(): Promise<void> {
    const { key, pid } = this.#started;
    await endGroup(this.#context, key, pid, { signal: AbortSignal.timeout(DEADLINE_MS) });
  }

  #whileAlive(
    call: (options: { signal?: AbortSignal }) => Promise<unknown>,
    { signal }: OperationOptions,
  ): Promise<void> {
    return mapped(`process ${this.id}`, async () => {
      signal?.throwIfAborted();
      if (this.#ended) return;
      try {
        await call(signal === undefined ? {} : { signal });
      } catch (error) {
        if (isContainerdError(error, "not_found")) return;
        if (isContainerdError(error) && /already finished|no such process|stopped|exited|deleted/.test(error.message))
          return;
        throw error;
      }
    });
  }
}
