import { isContainerdError } from "@voiyd/containerd-client";
import {
  assertExecRequest,
  CAPABILITY_NAMES,
  type ContainerExit,
  type ExecProcess,
  type ExecRequest,
  generateId,
  RuntimeError,
} from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { processOf } from "../container/read-process.js";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { FifoMaker } from "../fifo/fifo-maker.js";
import { createMkfifo, noMkfifo } from "../fifo/mkfifo.js";
import { Rootfs } from "../rootfs/rootfs.js";
import { mapTaskError } from "../run/task-error.js";
import { encodeSpec } from "../spec/encode-spec.js";
import type { SpecUser } from "../spec/oci.js";
import { resolveUser } from "../spec/user/resolve-user.js";
import { readTask } from "../task/task-state.js";
import { undoExec } from "./end-group.js";
import { ExecIO, type ExecIOPlan } from "./exec-io.js";
import { execSpec } from "./exec-spec.js";
import { type ExecKey, waitForExec } from "./exec-state.js";
import { RunningExec } from "./running-exec.js";
import { StartWindow } from "./start-window.js";

type Options = { signal?: AbortSignal };

const PROCESS_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Process";

/** Measured: more are not faster, and from twenty on the shim collapses. */
const STARTS_AT_ONCE = 4;
/** Undoing has a deadline of its own, in milliseconds. */
const UNDO_MS = 60_000;

/** Starts further processes in containers. */
export class ContainerExecs {
  readonly #context: RuntimeContext;
  readonly #fifos: FifoMaker;
  readonly #window = new StartWindow(STARTS_AT_ONCE);

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.#fifos = new FifoMaker(context, context.shortcuts ? createMkfifo() : noMkfifo);
  }

  async exec(record: ContainerRecord, request: ExecRequest, options: Options): Promise<ExecProcess> {
    assertExecRequest(request);
    const key: ExecKey = { containerId: record.id, execId: generateId() };
    const plan = ExecIO.plan(this.#context, this.#fifos, key, request);
    try {
      return await this.#window.run(record.id, options.signal, async () => {
        const spec = await this.#spec(record, request, options);
        const io = await this.#open(record, plan, options);
        try {
          return await this.#start(record, key, request, spec, io, options);
        } catch (error) {
          await io[Symbol.asyncDispose]();
          throw error;
        }
      });
    } catch (error) {
      // Another's turn may have made them already.
      await plan.fifos.remove();
      throw error;
    }
  }

  async #spec(record: ContainerRecord, request: ExecRequest, options: Options): Promise<Uint8Array> {
    const context = this.#context;
    const task = this.#isKnownToRun(record, request) ? undefined : await readTask(context, record.id, options);
    if (task !== undefined && task.kind !== "running") throw notRunning(record, task.kind);
    const user =
      task === undefined || request.user === undefined
        ? undefined
        : await resolveIn(request.user, task.process.pid, record.stored().config.groupAdd);
    const process = processOf(record);
    const bounding = context.host.facts.boundingCapabilities;
    const hostCapabilities = CAPABILITY_NAMES.filter((_, bit) => (bounding & (1n << BigInt(bit))) !== 0n);
    return new TextEncoder().encode(encodeSpec(execSpec({ process, request, user, hostCapabilities })));
  }

  /**
   * Whether the task need not be asked first, because nothing but its state is asked for and its record says that it runs.
   * Where that is not so any more, the shim refuses the process.
   */
  #isKnownToRun(record: ContainerRecord, request: ExecRequest): boolean {
    return (
      this.#context.shortcuts && request.user === undefined && record.phase === "running" && record.exit === undefined
    );
  }

  async #open(record: ContainerRecord, plan: ExecIOPlan, options: Options): Promise<ExecIO> {
    try {
      return await ExecIO.open(this.#context, plan, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw mapError(error, `pipes of a process of container ${record.name}`);
    }
  }

  async #start(
    record: ContainerRecord,
    key: ExecKey,
    request: ExecRequest,
    spec: Uint8Array,
    io: ExecIO,
    options: Options,
  ): Promise<ExecProcess> {
    const context = this.#context;
    const { tasks } = context.client;
    const { tty = false, detached = false } = request;
    const stopWaiting = new AbortController();
    let exit: Promise<ContainerExit> | undefined;
    try {
      await tasks.exec({ ...key, ...io.paths, terminal: tty, spec: { typeUrl: PROCESS_TYPE, value: spec } }, options);
      const waiter = detached ? { ...context, client: context.client.background() } : context;
      // Opened before the start, so that even the shortest life's exit is seen.
      exit = waitForExec(waiter, key, { signal: stopWaiting.signal });
      exit.catch(() => undefined);
      const { pid } = await tasks.start({ ...key }, options);
      const stdin = await io.started(key, tty, exit);
      return new RunningExec(context, { key, id: key.execId, pid, tty, detached, io, stdin, exit }, options.signal);
    } catch (error) {
      stopWaiting.abort();
      await this.#undo(key);
      options.signal?.throwIfAborted();
      throw await this.#startError(error, record, request.args, options);
    }
  }

  async #startError(
    error: unknown,
    record: ContainerRecord,
    args: readonly string[],
    options: Options,
  ): Promise<unknown> {
    if (!isContainerdError(error) || error.connection) return startError(error, record, args);
    // Why it does not run is the better answer; the container may have ended in between.
    const task = await readTask(this.#context, record.id, options).catch(() => undefined); // the first error counts
    return task === undefined || task.kind === "running"
      ? startError(error, record, args)
      : notRunning(record, task.kind);
  }

  async #undo(key: ExecKey): Promise<void> {
    try {
      await undoExec(this.#context, key, { signal: AbortSignal.timeout(UNDO_MS) });
    } catch (error) {
      // Why it could not be started is what the caller is told; what is left goes with the container.
      this.#context.logger.warn("a process that could not be started is still known to its shim", { ...key, error });
    }
  }
}

/** The user as the container's own files know it at this moment. */
async function resolveIn(user: string, pid: number, groupAdd: readonly string[] | undefined): Promise<SpecUser> {
  await using rootfs = await Rootfs.open(`/proc/${String(pid)}/root`);
  return await resolveUser(user, (path) => rootfs.readText(path), groupAdd);
}

function startError(error: unknown, record: ContainerRecord, args: readonly string[]): unknown {
  // The container ended in between.
  if (
    isContainerdError(error) &&
    /cannot exec in a (stopped|deleted|paused)|process already finished/.test(error.message)
  )
    return notRunning(record, "stopped");
  // Of a first process the folder is made; of a further one it has to be there.
  if (isContainerdError(error) && /chdir to cwd/.test(error.message)) {
    return new RuntimeError(
      "COMMAND_NOT_EXECUTABLE",
      `container ${record.name}: a process cannot begin in its working directory, which is not there, or not open to it`,
      { cause: error, details: { container: record.id } },
    );
  }
  return mapTaskError(error, record.name, args);
}

function notRunning({ name, id }: ContainerRecord, state: string): RuntimeError {
  const paused = state === "paused";
  return new RuntimeError(
    "FAILED_PRECONDITION",
    `container ${name} ${paused ? "is paused" : "is not running"}: no process can be started in it`,
    { hint: paused ? "resume it first" : "start it first", details: { container: id } },
  );
}
