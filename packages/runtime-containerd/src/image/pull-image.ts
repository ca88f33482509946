import { type Descriptor, formatReference, parseReference, type Reference } from "@voiyd/oci-registry";
import type { PullOptions, PullProgress } from "@voiyd/runtime-api";
import { ingest } from "../content/ingest.js";
import { labelContent, readContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { together } from "../concurrency/together.js";
import { startBounded } from "../concurrency/bounded.js";
import { ingestRef, sourceOf } from "./gc-labels.js";
import { type DocumentReader, type ImageDocuments, readDocuments } from "./image-documents.js";
import { writeImageRecord } from "./image-record.js";
import { withPullLease } from "./pull-lease.js";
import { unpack, unpackedLayers } from "./unpack.js";

/** Layers on their way at the same time: containerd's own default. */
const PARALLEL_LAYERS = 3;

interface Pull {
  readonly context: RuntimeContext;
  readonly reference: Reference;
  readonly name: string;
  readonly report: (progress: PullProgress) => void;
}

/**
 * Fetches an image, verifies and unpacks it, and names it last of all: an image that can be seen is complete. Returns
 * its normalised name.
 */
export function pullImage(context: RuntimeContext, text: string, options: PullOptions): Promise<string> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  const report = options.onProgress ?? (() => undefined);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  return mapped(`image ${name}`, async () => {
    options.signal?.throwIfAborted();
    report({ phase: "resolving", kind: "image", subject: name });
    const root = await context.imageSource.resolve(reference, call);
    await withPullLease(context, async (leased) => {
      const pull = { context: leased, reference, name, report };
      const documents = await readDocuments(name, root, fetchDocument(pull, call));
      await fetchAndUnpack(pull, documents, options.signal);
      await writeImageRecord(leased, name, root, call);
    });
    report({ phase: "done", kind: "image", subject: name });
    return name;
  });
}

/** Brings a document into the content store and reads it from there, so that what is used is what was verified. */
function fetchDocument(pull: Pull, options: { signal?: AbortSignal }): DocumentReader {
  return async (kind, descriptor, maxBytes, children) => {
    const { client } = pull.context;
    await fetchBlob(pull, kind, descriptor, options);
    const bytes = await readContent(client, descriptor.digest, maxBytes, options);
    await labelContent(client, descriptor.digest, children(bytes), options);
    return bytes;
  };
}

/** Layers come in parallel, and are unpacked in order while the next ones come. */
async function fetchAndUnpack(pull: Pull, documents: ImageDocuments, signal: AbortSignal | undefined): Promise<void> {
  const { layers } = documents.manifest;
  const options = signal === undefined ? {} : { signal };
  const present = await unpackedLayers(pull.context, documents.chain, options);
  for (const layer of layers.slice(0, present)) {
    pull.report({ phase: "done", kind: "layer", subject: layer.digest, total: layer.size, existed: true });
  }
  const stop = new AbortController();
  const inner = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const downloads = startBounded(layers.slice(present), PARALLEL_LAYERS, (layer) =>
    fetchBlob(pull, "layer", layer, { signal: inner }),
  );
  await together(
    () => Promise.all(downloads),
    (unpackSignal) =>
      unpack(
        pull.context,
        documents,
        {
          layerReady: (index) => downloads[index - present] ?? Promise.resolve(),
          onLayer: (layer, state, existed) => {
            pull.report({ phase: state, kind: "layer", subject: layer.digest, total: layer.size, existed });
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

async function fetchBlob(
  pull: Pull,
  kind: "manifest" | "index" | "config" | "layer",
  descriptor: Descriptor,
  options: { signal?: AbortSignal },
): Promise<void> {
  const { context, reference } = pull;
  const subject = descriptor.digest;
  const shown = kind === "index" ? "manifest" : kind;
  const report = (current: number): void => {
    pull.report({ phase: "downloading", kind: shown, subject, current, total: descriptor.size });
  };
  const existed = await ingest(
    context.client,
    {
      ref: ingestRef(kind, descriptor),
      descriptor,
      open: (offset) => {
        report(offset);
        return context.imageSource.fetch(reference, descriptor, { offset, ...options });
      },
      labels: sourceOf(reference),
      onBytes: report,
    },
    options,
  );
  if (kind !== "layer") pull.report({ phase: "done", kind: shown, subject, total: descriptor.size, existed });
}
