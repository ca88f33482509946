import {
  type Descriptor,
  formatReference,
  type ImageSource,
  parseReference,
  type Reference,
  type Registry,
} from "@voiyd/oci-registry";
import { type PushedImage, type PushImageOptions, RuntimeError } from "@voiyd/runtime-api";
import { startBounded } from "../concurrency/bounded.js";
import { readContent, streamContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { ensureContent } from "./ensure-content.js";
import { addSource } from "./gc-labels.js";
import { type ImageRecord, readImageRecord } from "./image-record.js";
import { blobsOf, type ImageTree } from "./image-tree.js";
import { withPullLease } from "./pull-lease.js";

const PARALLEL_BLOBS = 3;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const SOURCE = "containerd.io/distribution.source.";

type Options = { signal?: AbortSignal };

/** Brings an image to a registry: blobs first, then the documents that name them, the root under the tag last. */
export function pushImage(context: RuntimeContext, text: string, options: PushImageOptions): Promise<PushedImage> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  return mapped(`image ${text}`, async () => {
    call.signal?.throwIfAborted();
    const registry = pushable(context.imageSource);
    const target = parseReference(options.target ?? text);
    if (target.digest !== undefined && target.tag === undefined && options.target !== undefined)
      throw new RuntimeError("INVALID_ARGUMENT", "a digest cannot be chosen", { hint: "give a tag" });
    const record = await readImageRecord(context, text, call);
    return withPullLease(context, async (leased) => {
      const tree = await ensureContent(leased, record, options, () => undefined, call);
      const root = rootOf(record, tree, options);
      await push({ context: leased, registry, target, options, call }, tree, root);
      const name = formatReference(target);
      options.onProgress?.({ phase: "done", kind: "image", subject: name });
      return { name, digest: root.digest };
    });
  });
}

/** A registry takes an index only with all that it lists: with one platform of several, that one's manifest is the image. */
function rootOf(record: ImageRecord, tree: ImageTree, { platform }: PushImageOptions): Descriptor {
  const isWhole = tree.indexes.every(({ index }) =>
    index.manifests.every(({ digest }) => blobsOf(tree).documents.some((document) => document.digest === digest)),
  );
  const [only] = tree.manifests;
  return (isWhole && platform === undefined) || only === undefined ? record.target : only.descriptor;
}

interface Push {
  readonly context: RuntimeContext;
  readonly registry: Registry;
  readonly target: Reference;
  readonly options: PushImageOptions;
  readonly call: Options;
}

async function push(input: Push, tree: ImageTree, root: Descriptor): Promise<void> {
  const { context, registry, target, options, call } = input;
  const { blobs, documents } = blobsOf(tree);
  const configs = new Set(tree.manifests.map(({ manifest }) => manifest.config.digest));
  const stop = new AbortController();
  const signal = call.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, call.signal]);
  const uploads = startBounded(blobs, PARALLEL_BLOBS, async (blob) => {
    try {
      await pushBlob(input, blob, configs.has(blob.digest) ? "config" : "layer", { signal });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(uploads);
  call.signal?.throwIfAborted();
  if (outcomes.some(({ status }) => status === "rejected")) throw stop.signal.reason;

  const isRoot = ({ digest }: Descriptor): boolean => digest === root.digest;
  const needed = root.digest === tree.root.digest ? documents : documents.filter(isRoot);
  for (const document of [...needed.filter((item) => !isRoot(item)), root]) {
    const bytes = await readContent(context.client, document.digest, MAX_DOCUMENT_BYTES, call);
    const { registry: host, repository } = target;
    const reference = isRoot(document) ? target : { registry: host, repository, digest: document.digest };
    await registry.pushManifest(reference, document, bytes, call);
    options.onProgress?.({ phase: "done", kind: "manifest", subject: document.digest, total: document.size });
  }
}

async function pushBlob(input: Push, blob: Descriptor, kind: "config" | "layer", call: Options): Promise<void> {
  const { context, registry, target, options } = input;
  const { digest, size } = blob;
  const { info } = await context.client.content.info({ digest }, call);
  const outcome = await registry.pushBlob(
    target,
    blob,
    { open: (offset) => streamContent(context.client, digest, offset, call) },
    {
      ...call,
      mountFrom: (info?.labels[`${SOURCE}${target.registry}`] ?? "").split(",").filter((name) => name !== ""),
      onBytes: (current) => options.onProgress?.({ phase: "uploading", kind, subject: digest, current, total: size }),
    },
  );
  // The next push to this registry can mount it from here.
  await addSource(context.client, digest, target, call);
  options.onProgress?.({ phase: "done", kind, subject: digest, current: size, total: size, outcome });
}

function pushable(source: ImageSource): Registry {
  if (isRegistry(source)) return source;
  throw new RuntimeError("UNIMPLEMENTED", "this runtime's image source takes no images", {
    hint: "give it a registry source",
  });
}

function isRegistry(source: ImageSource): source is Registry {
  return "pushBlob" in source && typeof source.pushBlob === "function";
}
