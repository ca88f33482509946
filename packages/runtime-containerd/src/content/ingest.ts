import { type ContainerdClient, isContainerdError, WriteAction } from "@voiyd/containerd-client";
import type { Descriptor } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { pause } from "../concurrency/pause.js";
import { chunksOf } from "./chunks.js";
import { type CopyEnd, Pace } from "./pace.js";
import { hasContent } from "./read-content.js";
import { WriteSession } from "./write-session.js";

export interface IngestInput {
  /** The name of the half-written blob: a lock between writers, and what a later try resumes. */
  readonly ref: string;
  readonly descriptor: Descriptor;
  /** The bytes from `offset` on. Who can, reads them into `memory`. Their digest is verified by the store. */
  readonly open: (offset: number, memory?: () => Uint8Array) => AsyncIterable<Uint8Array>;
  /** Set in the same step in which the blob comes to be, so that the garbage collector never sees it without. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onBytes: (written: number) => void;
  /** Told while it is written, every 32 MiB and every half second, and in the end. */
  readonly onSlowerEnd?: (end: CopyEnd) => void;
  /** All bytes are written, and are verified now. */
  readonly onComplete?: () => void;
}

/** Two MiB cost a quarter less than one, here and in the daemon; four gain nothing more, and take twice the memory. */
const CHUNK_BYTES = 2 * 1024 * 1024;
/** Messages under way before their answers. */
const WINDOW = 2;
/** So many bytes tell which end is the slower one: the first have their round trips in them. */
export const PACE_BYTES: number = 16 * CHUNK_BYTES;
/** And so many milliseconds, where the bytes come slowly, or do not come. */
const PACE_MS = 500;
/** How often a stream that broke is begun anew, where the bytes before the break are kept. */
const BREAKS_LIMIT = 3;
const LONGEST_PAUSE_MS = 2_048;

/**
 * Brings a blob into the content store: finds it there, waits for another writer of it, or writes it, from where an
 * earlier try stopped. Returns whether it was there already. What is in the store afterwards has the digest.
 */
export async function ingest(
  client: ContainerdClient,
  input: IngestInput,
  options: { signal?: AbortSignal },
): Promise<boolean> {
  let breaks = 0;
  for (let wait = 16; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    if (await hasContent(client, input.descriptor.digest, options)) return true;
    try {
      // After a break, one message at a time: a daemon that refuses one (its disk is full) ends the stream, and with
      // others on their way the reason is lost.
      return await write(client, input, breaks === 0 ? WINDOW : 0, options);
    } catch (error) {
      if (isBroken(error) && breaks < BREAKS_LIMIT) breaks++;
      else if (!isLocked(error)) throw error;
    }
    // Locked: somebody else is writing it, and most likely it will be there when we look again.
    await pause(wait * (0.5 + Math.random()), options);
  }
}

/** The code is the one of a daemon that is away; what tells them apart is that the daemon said so itself. */
function isLocked(error: unknown): boolean {
  return isContainerdError(error, "unavailable") && !error.connection && error.message.includes("locked");
}

/** Whether the stream ended without the daemon's word on why. */
function isBroken(error: unknown): boolean {
  return isContainerdError(error) && (error.connection || error.code === "aborted");
}

async function write(
  client: ContainerdClient,
  input: IngestInput,
  window: number,
  options: { signal?: AbortSignal },
): Promise<boolean> {
  const { ref, descriptor } = input;
  const total = BigInt(descriptor.size);
  const stream = new AbortController();
  const signal = options.signal === undefined ? stream.signal : AbortSignal.any([stream.signal, options.signal]);
  const session = new WriteSession(client, { signal });
  try {
    const opened = await session.exchange({ action: WriteAction.STAT, ref, total, expected: descriptor.digest });
    let offset = opened.offset;
    if (offset > total) offset = 0n; // left by somebody with another idea of the size: written over
    if (offset < total) offset = await copy(session, input, offset, window);
    input.onComplete?.();
    await session.exchange({
      action: WriteAction.COMMIT,
      ref,
      total,
      offset,
      expected: descriptor.digest,
      labels: { ...input.labels },
    });
    return false;
  } catch (error) {
    if (isContainerdError(error, "already_exists")) return true;
    if (options.signal?.aborted !== true && isFinal(error)) await discard(client, ref);
    throw isWrongDigest(error) ? wrongDigest(descriptor, error) : error;
  } finally {
    stream.abort();
    await session[Symbol.asyncDispose]().catch(() => undefined);
  }
}

async function copy(session: WriteSession, input: IngestInput, from: bigint, window: number): Promise<bigint> {
  let offset = from;
  const size = Math.min(CHUNK_BYTES, input.descriptor.size - Number(from));
  // The connection of a small blob is worth more than what its copies cost.
  const open = (memory: () => Uint8Array): AsyncIterable<Uint8Array> =>
    input.open(Number(from), size === CHUNK_BYTES ? memory : undefined);
  // Those that have not been answered, and the one that is being filled.
  const pace = new Pace();
  const tell = (): void => input.onSlowerEnd?.(pace.slowerEnd);
  const timer = setInterval(tell, PACE_MS);
  let chunks = 0;
  try {
    for await (const data of chunksOf(open, size, window + 1)) {
      pace.waitFor("store");
      session.send({ action: WriteAction.WRITE, ref: input.ref, offset, data });
      offset += BigInt(data.length);
      await session.drain(window);
      pace.waitFor("line");
      if (++chunks % (PACE_BYTES / CHUNK_BYTES) === 0) tell();
      input.onBytes(Number(offset));
    }
    pace.waitFor("store");
    await session.drain(0);
  } finally {
    clearInterval(timer);
  }
  // One message and its answer are told by nothing but their way there and back.
  input.onSlowerEnd?.(chunks > 1 ? pace.slowerEnd : "line");
  return offset;
}

/** Whether what has been written is of no use to a later try. A broken line leaves something to go on from. */
function isFinal(error: unknown): boolean {
  if (isContainerdError(error)) return !isBroken(error) && error.code !== "unavailable";
  return error instanceof RuntimeError && (error.code === "DIGEST_MISMATCH" || error.code === "IMAGE_INVALID");
}

function isWrongDigest(error: unknown): boolean {
  return isContainerdError(error, "failed_precondition") && /unexpected commit (digest|size)/.test(error.message);
}

function wrongDigest(descriptor: Descriptor, cause: unknown): RuntimeError {
  return new RuntimeError("DIGEST_MISMATCH", `blob ${descriptor.digest}: what arrived is something else`, {
    hint: "the registry, or something on the way to it, alters what it serves",
    cause,
    details: { digest: descriptor.digest },
  });
}

async function discard(client: ContainerdClient, ref: string): Promise<void> {
  try {
    await client.content.abort({ ref });
  } catch (error) {
    if (!isContainerdError(error)) throw error;
    // It expires by itself; the reason for discarding it is what the caller has to hear.
  }
}
