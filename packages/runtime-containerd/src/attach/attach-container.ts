import { isContainerdError } from "@voiyd/containerd-client";
import {
  assertTerminalSize,
  type AttachOptions,
  type AttachSession,
  RuntimeError,
  type OperationOptions,
  type TerminalSize,
} from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { FifoWriter } from "../fifo/fifo-writer.js";
import { emptyStream } from "../fifo/fifo-reader.js";
import { openIO } from "../io/container-io.js";
import { logEnds } from "../log/log-ends.js";
import { readTask } from "../task/task-state.js";
import { SCREEN_BYTES, screenStart } from "./last-screen.js";
import { stdinPath } from "./task-io.js";

type Options = { signal?: AbortSignal };

/**
 * A session at a container's streams: its log, read from where the session begins, and the pipe of its standard input.
 * Neither belongs to a process, so sessions need not know of each other.
 */
export async function attachContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: AttachOptions,
): Promise<AttachSession> {
  const { stdin = false, stdinOnce = false, replay = "none", signal } = options;
  const call: Options = signal === undefined ? {} : { signal };
  const { tty = false, stdin: hasStdin = false } = record.stored().config;
  if (stdin && !hasStdin) {
    throw refused(record, "has no standard input", "make it with stdin");
  }
  const { kind } = await readTask(context, record.id, call);
  const runs = kind === "running" || kind === "paused";
  if (!runs && replay !== "life") throw refused(record, "is not running", "start it first");
  const writer = runs && stdin ? await FifoWriter.open(stdinPath(context, record.id), signal) : undefined;
  const detached = new AbortController();
  try {
    // The shim keeps the pipe open too. Told to close its end, it leaves ours the only one; a terminal would end with it.
    if (writer !== undefined && stdinOnce && !tty) await closeShimEnd(context, record.id, call);
    const from = await positions(context, record, replay, tty);
    const reading = signal === undefined ? detached.signal : AbortSignal.any([signal, detached.signal]);
    const io = openIO(context, record, { follow: runs, signal: reading }, from);
    return new Session(context, record, { tty, writer, detached, io });
  } catch (error) {
    writer?.destroy();
    throw error;
  }
}

interface Parts {
  readonly tty: boolean;
  readonly writer: FifoWriter | undefined;
  readonly detached: AbortController;
  readonly io: { readonly stdout: ReadableStream<Uint8Array>; readonly stderr: ReadableStream<Uint8Array> };
}

class Session implements AttachSession {
  readonly tty: boolean;
  readonly stdin?: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly #context: RuntimeContext;
  readonly #record: ContainerRecord;
  readonly #parts: Parts;

  constructor(context: RuntimeContext, record: ContainerRecord, parts: Parts) {
    const { tty, writer, io } = parts;
    this.tty = tty;
    if (writer !== undefined) this.stdin = writer.stream;
    this.stdout = io.stdout;
    this.stderr = tty ? emptyStream() : io.stderr;
    this.#context = context;
    this.#record = record;
    this.#parts = parts;
  }

  resize(size: TerminalSize, { signal }: OperationOptions = {}): Promise<void> {
    assertTerminalSize("size", size);
    if (!this.tty) return Promise.reject(refused(this.#record, "has no terminal", "make it with tty"));
    const { id, name } = this.#record;
    return mapped(`container ${name}`, async () => {
      try {
        await this.#context.client.tasks.resizePty(
          { containerId: id, width: size.columns, height: size.rows },
          signal === undefined ? {} : { signal },
        );
      } catch (error) {
        const gone = isContainerdError(error) && (error.code === "not_found" || /stopped|exited/.test(error.message));
        if (!gone) throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.detached.abort(
      new RuntimeError("UNAVAILABLE", `the session at container ${this.#record.name} is over`),
    );
    this.#parts.writer?.destroy();
    await Promise.resolve();
  }
}

async function closeShimEnd(context: RuntimeContext, id: string, call: Options): Promise<void> {
  try {
    await context.client.tasks.closeIO({ containerId: id, stdin: true }, call);
  } catch (error) {
    // It has ended meanwhile: nobody reads any more.
    if (!isContainerdError(error) || error.connection) throw error;
  }
}

/** Where in its log files a session begins. */
async function positions(
  context: RuntimeContext,
  record: ContainerRecord,
  replay: NonNullable<AttachOptions["replay"]>,
  tty: boolean,
): Promise<{ readonly stdout: number; readonly stderr: number }> {
  const { stdout, stderr } = await logEnds(context, record.name);
  if (replay === "none") return { stdout, stderr };
  const begun = record.network.logStart ?? { stdout: 0, stderr: 0 };
  // A log that is shorter than it was at the start has been emptied since: all of it is this life's.
  const life = { stdout: begun.stdout > stdout ? 0 : begun.stdout, stderr: begun.stderr > stderr ? 0 : begun.stderr };
  if (replay === "life") return life;
  const start = Math.max(life.stdout, stdout - SCREEN_BYTES);
  const tail = await readTail(context, record, start, stdout);
  return tty ? { stdout: start + screenStart(tail), stderr } : { stdout: start, stderr: life.stderr };
}

async function readTail(
  context: RuntimeContext,
  record: ContainerRecord,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const io = openIO(context, record, {}, { stdout: start, stderr: 0 });
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of io.stdout) {
    pieces.push(piece);
    size += piece.length;
    if (size >= end - start) break;
  }
  return Buffer.concat(pieces).subarray(0, end - start);
}

function refused({ id, name }: ContainerRecord, why: string, hint: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `container ${name} ${why}`, { hint, details: { container: id } });
}
