import { type Descriptor, isIndexType, isManifestType, type Reference } from "@voiyd/oci-registry";
import type { PullProgress } from "@voiyd/runtime-api";
import { startBounded } from "../concurrency/bounded.js";
import { together } from "../concurrency/together.js";
import { Turns } from "../concurrency/turns.js";
import { ingest, type IngestInput, PACE_BYTES } from "../content/ingest.js";
import type { CopyEnd } from "../content/pace.js";
import { labelContent, readContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { addSource, ingestRef, sourceOf } from "./gc-labels.js";
import type { DocumentReader, ImageDocuments } from "./image-documents.js";
import { unpack, unpackedLayers } from "./unpack.js";

/** Layers on their way at the same time: containerd's own default. */
const PARALLEL_LAYERS = 3;
/**
 * And where the store, not the line, is what they wait for: the lowest layers are there earlier then, and the unpacking,
 * which goes from the lowest to the highest and is the longest of all, begins earlier.
 */
const PARALLEL_WRITES = 2;

/** An image on its way here. */
export interface Fetch {
  readonly context: RuntimeContext;
  /** Where its blobs are asked for. */
  readonly reference: Reference;
  readonly report: (progress: PullProgress) => void;
}

type BlobKind = "manifest" | "index" | "config" | "layer";
type Options = { signal?: AbortSignal };

/** Brings a document into the content store and reads it from there, so that what is used is what was verified. */
export function fetchDocument(fetch: Fetch, options: Options): DocumentReader {
  return async (kind, descriptor, maxBytes, children) => {
    const { client } = fetch.context;
    await fetchBlob(fetch, kind, descriptor, options);
    const bytes = await readContent(client, descriptor.digest, maxBytes, options);
    await labelContent(client, descriptor.digest, children(bytes), options);
    return bytes;
  };
}

/** Layers come in parallel, and are unpacked in order while the next ones come. */
export async function fetchAndUnpack(
  fetch: Fetch,
  documents: ImageDocuments,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { layers } = documents.manifest;
  const options = signal === undefined ? {} : { signal };
  const present = await unpackedLayers(fetch.context, documents.chain, options);
  for (const layer of layers.slice(0, present)) {
    fetch.report({ phase: "done", kind: "layer", subject: layer.digest, total: layer.size, existed: true });
  }
  const stop = new AbortController();
  const inner = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const missing = layers.slice(present);
  // The second begins when the first is under way, or is waited for, so that they do not end together: the unpacking would
  // wait for the next two.
  const turns = new Turns((missing[0]?.size ?? 0) < PACE_BYTES ? PARALLEL_LAYERS : 1);
  const downloads = startBounded(missing, turns, async (layer, passOn) => {
    const hooks = {
      onSlowerEnd: (end: CopyEnd): void => {
        turns.limit = end === "line" ? PARALLEL_LAYERS : PARALLEL_WRITES;
      },
      // What is left is the store's: it waits for the disk.
      onComplete: passOn,
    };
    await fetchBlob(fetch, "layer", layer, { signal: inner }, hooks);
  });
  await together(
    () => Promise.all(downloads),
    (unpackSignal) =>
      unpack(
        fetch.context,
        documents,
        {
          layerReady: (index) => downloads[index - present] ?? Promise.resolve(),
          onLayer: (layer, state, existed) => {
            fetch.report({ phase: state, kind: "layer", subject: layer.digest, total: layer.size, existed });
          },
        },
        { signal: unpackSignal },
      ).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    signal,
  );
}

/** Layers that are to be kept as they are, for another platform or another registry. */
export async function fetchLayers(fetch: Fetch, layers: readonly Descriptor[], options: Options): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const downloads = startBounded(layers, PARALLEL_LAYERS, async (layer) => {
    try {
      const existed = await fetchBlob(fetch, "layer", layer, { signal });
      fetch.report({ phase: "done", kind: "layer", subject: layer.digest, total: layer.size, existed });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(downloads);
  options.signal?.throwIfAborted();
  if (outcomes.some(({ status }) => status === "rejected")) throw stop.signal.reason;
}

/** Resolves with whether it was here already. */
export async function fetchBlob(
  fetch: Fetch,
  kind: BlobKind,
  descriptor: Descriptor,
  options: Options,
  hooks: Pick<IngestInput, "onSlowerEnd" | "onComplete"> = {},
): Promise<boolean> {
  const { context, reference } = fetch;
  const subject = descriptor.digest;
  const shown = kind === "index" ? "manifest" : kind;
  const report = (current: number): void => {
    fetch.report({ phase: "downloading", kind: shown, subject, current, total: descriptor.size });
  };
  const existed = await ingest(
    context.client,
    {
      ref: ingestRef(kind, descriptor),
      descriptor,
      open: (offset, memory) => {
        report(offset);
        const direct = context.shortcuts && memory !== undefined ? { memory } : {};
        return context.imageSource.fetch(reference, descriptor, { offset, verifyDigest: false, ...direct, ...options });
      },
      labels: sourceOf(reference),
      onBytes: report,
      ...hooks,
      onComplete: () => {
        hooks.onComplete?.();
        fetch.report({ phase: "verifying", kind: shown, subject, total: descriptor.size });
      },
    },
    options,
  );
  if (existed) await addSource(context.client, subject, reference, options);
  if (kind !== "layer") fetch.report({ phase: "done", kind: shown, subject, total: descriptor.size, existed });
  return existed;
}

/** What an index or a manifest lists, told by its media type. */
export function kindOf({ mediaType }: Descriptor): "index" | "manifest" | "other" {
  return isIndexType(mediaType) ? "index" : isManifestType(mediaType) ? "manifest" : "other";
}
