import { createHash, randomUUID } from "node:crypto";
import { type ContainerdClient, isContainerdError, WriteAction } from "@voiyd/containerd-client";
import type { Descriptor } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { chunksOf } from "./chunks.js";
import { WriteSession } from "./write-session.js";

/** Two MiB cost a quarter less than one, here and in the daemon; four gain nothing more, and take twice the memory. */
const CHUNK_BYTES = 2 * 1024 * 1024;
const WINDOW = 2;

/** The first bytes of a blob, enough to tell how it is compressed. */
const HEAD_BYTES = 4;

export interface StoredStream {
  readonly digest: string;
  readonly size: number;
  readonly head: Uint8Array;
}

/**
 * Writes bytes of which only the number is known into the content store. Throws `DIGEST_MISMATCH` when they are not what
 * `expected` says, and `IMAGE_INVALID` when there are fewer; nothing is kept then.
 */
export async function storeStream(
  client: ContainerdClient,
  input: { readonly chunks: AsyncIterable<Uint8Array>; readonly size: number; readonly expected?: string | undefined },
  options: { signal?: AbortSignal },
): Promise<StoredStream> {
  const { size, expected } = input;
  const ref = `load-${randomUUID()}`;
  const total = BigInt(size);
  const algorithm = expected?.startsWith("sha512:") === true ? "sha512" : "sha256";
  const hash = createHash(algorithm);
  const session = new WriteSession(client, options);
  let head = new Uint8Array();
  let offset = 0n;
  let stored = false;
  try {
    await session.exchange({ action: WriteAction.STAT, ref, total });
    for await (const data of chunksOf(input.chunks, Math.max(1, Math.min(CHUNK_BYTES, size)), WINDOW + 1)) {
      if (head.length === 0) head = Uint8Array.from(data.subarray(0, HEAD_BYTES));
      hash.update(data);
      session.send({ action: WriteAction.WRITE, ref, offset, data });
      offset += BigInt(data.length);
      await session.drain(WINDOW);
    }
    await session.drain(0);
    if (offset !== total)
      throw new RuntimeError("IMAGE_INVALID", `the archive ends in the middle of ${expected ?? "a file"}`);
    const digest = `${algorithm}:${hash.digest("hex")}`;
    if (expected !== undefined && digest !== expected) {
      throw new RuntimeError("DIGEST_MISMATCH", `${expected}: the archive holds bytes with the digest ${digest}`, {
        details: { digest: expected, actualDigest: digest },
      });
    }
    await commit(session, { ref, total, offset, digest });
    stored = true;
    return { digest, size, head };
  } finally {
    await session[Symbol.asyncDispose]().catch(() => undefined);
    if (!stored) await discard(client, ref);
  }
}

async function commit(
  session: WriteSession,
  {
    ref,
    total,
    offset,
    digest,
  }: { readonly ref: string; readonly total: bigint; readonly offset: bigint; readonly digest: string },
): Promise<void> {
  try {
    await session.exchange({ action: WriteAction.COMMIT, ref, total, offset, expected: digest });
  } catch (error) {
    if (!isContainerdError(error, "already_exists")) throw error;
  }
}

async function discard(client: ContainerdClient, ref: string): Promise<void> {
  try {
    await client.content.abort({ ref });
  } catch (error) {
    // It expires by itself; the reason for discarding it is what the caller has to hear.
    if (!isContainerdError(error)) throw error;
  }
}

/** For documents that are made here. */
export async function storeBytes(
  client: ContainerdClient,
  mediaType: string,
  bytes: Uint8Array,
  options: { signal?: AbortSignal },
): Promise<Descriptor> {
  const { digest, size } = await storeStream(client, { chunks: one(bytes), size: bytes.length }, options);
  return { mediaType, digest, size };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
