import { type Descriptor, hostPlatform, parseReference, readPlatformText, type Reference } from "@voiyd/oci-registry";
import { isRuntimeError, type PullProgress, RuntimeError } from "@voiyd/runtime-api";
import { hasContent, readContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { fetchBlob, fetchDocument, fetchLayers } from "./fetch-image.js";
import type { DocumentReader } from "./image-documents.js";
import type { ImageRecord } from "./image-record.js";
import { blobsOf, type Choice, entryFor, everyEntry, type ImageTree, readTree } from "./image-tree.js";

type Options = { signal?: AbortSignal };

export interface Wanted {
  readonly platform?: string | undefined;
  /** `undefined`: all when all are here, else this host's. */
  readonly allPlatforms?: boolean | undefined;
}

/**
 * The documents of an image for the wanted platforms, with all their blobs here: what unpacking skipped, or somebody
 * removed, is fetched from where the image came from. To be called under a lease.
 */
export async function ensureContent(
  context: RuntimeContext,
  record: ImageRecord,
  wanted: Wanted,
  report: (progress: PullProgress) => void,
  options: Options,
): Promise<ImageTree> {
  const choose = await choiceFor(context, record, wanted, options);
  const present = fetchingReader(context, record, report, options);
  const tree = await readTree(record.target, present, choose);
  if (tree.manifests.length === 0) {
    throw new RuntimeError(
      "IMAGE_PLATFORM_MISMATCH",
      `image ${record.name} is not for ${wanted.platform ?? "this host"}`,
      {
        details: { image: record.name },
      },
    );
  }
  const missing: Descriptor[] = [];
  for (const blob of blobsOf(tree).blobs) {
    if (!(await hasContent(context.client, blob.digest, options))) missing.push(blob);
  }
  if (missing.length > 0) {
    await fromSources(context, record, options, (reference) =>
      fetchLayers({ context, reference, report }, missing, options),
    );
  }
  return tree;
}

async function choiceFor(
  context: RuntimeContext,
  record: ImageRecord,
  { platform, allPlatforms }: Wanted,
  options: Options,
): Promise<Choice> {
  if (platform !== undefined) return entryFor(readPlatformText(platform));
  if (allPlatforms === true) return everyEntry;
  if (allPlatforms === undefined && (await isAllHere(context, record, options))) return everyEntry;
  return entryFor(hostPlatform());
}

/** Whether the manifests and configs of all platforms are here. */
async function isAllHere(context: RuntimeContext, record: ImageRecord, options: Options): Promise<boolean> {
  try {
    const tree = await readTree(record.target, localReader(context, options), everyEntry);
    for (const { digest } of blobsOf(tree).blobs)
      if (!(await hasContent(context.client, digest, options))) return false;
    return true;
  } catch (error) {
    if (isRuntimeError(error, "IMAGE_NOT_FOUND")) return false;
    throw error;
  }
}

function localReader(context: RuntimeContext, options: Options): DocumentReader {
  return async (_kind, descriptor, maxBytes) => {
    if (!(await hasContent(context.client, descriptor.digest, options)))
      throw new RuntimeError("IMAGE_NOT_FOUND", `${descriptor.digest} is not here`);
    return readContent(context.client, descriptor.digest, maxBytes, options);
  };
}

/** Documents that are here are read; others are fetched, and labelled for the collector. */
function fetchingReader(
  context: RuntimeContext,
  record: ImageRecord,
  report: (progress: PullProgress) => void,
  options: Options,
): DocumentReader {
  const local = localReader(context, options);
  return async (kind, descriptor, maxBytes, children) => {
    if (await hasContent(context.client, descriptor.digest, options))
      return local(kind, descriptor, maxBytes, children);
    return fromSources(context, record, options, (reference) =>
      fetchDocument({ context, reference, report }, options)(kind, descriptor, maxBytes, children),
    );
  };
}

const SOURCE = "containerd.io/distribution.source.";

/** Tries where the image's name says it is, then where its blobs came from: a tag of ours is on no registry. */
export async function fromSources<T>(
  context: RuntimeContext,
  record: ImageRecord,
  options: Options,
  attempt: (reference: Reference) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  for (const reference of await sourcesOf(context, record, options)) {
    try {
      return await attempt(reference);
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Where a blob of the image may be asked for, the likeliest first. */
export async function sourcesOf(
  context: RuntimeContext,
  record: ImageRecord,
  options: Options,
): Promise<readonly Reference[]> {
  const own = parseReference(record.name);
  const { digest } = record.target;
  const labels = (await hasContent(context.client, digest, options))
    ? ((await context.client.content.info({ digest }, options)).info?.labels ?? {})
    : {};
  const known = Object.entries(labels)
    .filter(([key]) => key.startsWith(SOURCE))
    .flatMap(([key, value]) =>
      value.split(",").map((repository) => ({ registry: key.slice(SOURCE.length), repository, digest })),
    );
  const isOwn = ({ registry, repository }: Reference): boolean =>
    registry === own.registry && repository === own.repository;
  // A name that its blobs did not come from is most likely one that was given here.
  return known.length === 0 || known.some(isOwn)
    ? [own, ...known.filter((reference) => !isOwn(reference))]
    : [...known, own];
}

/** Fetches one blob again. */
export async function refetch(
  context: RuntimeContext,
  record: ImageRecord,
  kind: "index" | "manifest" | "config" | "layer",
  descriptor: Descriptor,
  report: (progress: PullProgress) => void,
  options: Options,
): Promise<void> {
  await fromSources(context, record, options, (reference) =>
    fetchBlob({ context, reference, report }, kind, descriptor, options),
  );
}
