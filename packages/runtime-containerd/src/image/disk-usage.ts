import { isContainerdError } from "@voiyd/containerd-client";
import { isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { ImageDocuments } from "./image-documents.js";
import type { ImageRecord } from "./image-record.js";
import { knownDocuments } from "./local-documents.js";

type Options = { signal?: AbortSignal };
type PlatformOptions = Options & { platform?: string | undefined };

/** Bytes of a blob or a snapshot by its digest or key; what is not here has none. */
export type Sizes = ReadonlyMap<string, number>;

/** What an image keeps on this host: its blobs and the snapshots of its layers. */
export async function holdings(
  context: RuntimeContext,
  record: ImageRecord,
  { platform, ...options }: PlatformOptions,
): Promise<Sizes> {
  const documents = await documentsOf(context, record, { ...options, platform });
  const digests = new Set([record.target.digest]);
  if (documents !== undefined) {
    const { manifest, manifestDescriptor } = documents;
    for (const { digest } of [manifestDescriptor, manifest.config, ...manifest.layers]) digests.add(digest);
  }
  const blobs = await Promise.all(
    [...digests].map(async (digest) => [digest, await blobSize(context, digest, options)] as const),
  );
  const layers = await Promise.all(
    (documents?.chain ?? []).map(
      async (chainId) => [snapshotKey(chainId), await snapshotSize(context, chainId, options)] as const,
    ),
  );
  return new Map([...blobs, ...layers].flatMap(([key, size]) => (size === undefined ? [] : [[key, size] as const])));
}

/** Apart from blobs: an uncompressed layer's blob and its snapshot would have the same name. */
export function snapshotKey(chainId: string): string {
  return `snapshot ${chainId}`;
}

/** `undefined` for what is not here. */
export async function blobSize(context: RuntimeContext, digest: string, options: Options): Promise<number | undefined> {
  return unlessAbsent(async () => Number((await context.client.content.info({ digest }, options)).info?.size ?? 0n));
}

/** Of one layer alone. `undefined` for what is not here. */
export async function snapshotSize(
  context: RuntimeContext,
  key: string,
  options: Options,
): Promise<number | undefined> {
  const { client, snapshotter } = context;
  return unlessAbsent(async () => Number((await client.snapshots.usage({ snapshotter, key }, options)).size));
}

export function total(sizes: Iterable<number>): number {
  let sum = 0;
  for (const size of sizes) sum += size;
  return sum;
}

async function unlessAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isContainerdError(error, "not_found")) return undefined;
    throw error;
  }
}

/** An image for other platforms, or a damaged one, is counted with its root alone. */
async function documentsOf(
  context: RuntimeContext,
  record: ImageRecord,
  options: PlatformOptions,
): Promise<ImageDocuments | undefined> {
  try {
    return await knownDocuments(context, record, options);
  } catch (error) {
    if (isRuntimeError(error, "IMAGE_PLATFORM_MISMATCH", "IMAGE_INVALID")) return undefined;
    throw error;
  }
}
