import type { ImageConfig } from "@voiyd/oci-registry";
import type { ImageDetails, ImageHistoryEntry, ImageLayer, ImageRunConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { blobSize, holdings, snapshotSize, total } from "./disk-usage.js";
import type { ImageDocuments } from "./image-documents.js";
import { type ImageRecord, listImageRecords, readImageRecord } from "./image-record.js";
import { imageUses, usersOf } from "./image-uses.js";
import { describeImage } from "./images.js";
import { knownDocuments } from "./local-documents.js";

type Options = { signal?: AbortSignal };

/** Throws `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`, `IMAGE_INVALID`. */
export function inspectImage(
  context: RuntimeContext,
  reference: string,
  { platform, ...options }: Options & { platform?: string | undefined },
): Promise<ImageDetails> {
  return mapped(`image ${reference}`, async () => {
    const { record, documents } = await look(context, reference, { ...options, platform });
    const records = await listImageRecords(context, options);
    const own = await holdings(context, record, { ...options, platform });
    const { config, manifest } = documents;
    const builtAt = dateOf(config.created);
    return {
      ...(await describeImage(context, record, { ...options, platform })),
      configDigest: manifest.config.digest,
      names: records.filter(({ target }) => target.digest === record.target.digest).map(({ name }) => name),
      usedBy: usersOf(record.target.digest, records, await imageUses(context, options)),
      config: runConfig(config),
      layers: await layersOf(context, documents, options),
      ...(config.author !== undefined && { author: config.author }),
      ...(builtAt !== undefined && { builtAt }),
      diskSize: total(own.values()),
      sharedSize: await sharedSize(context, record, records, own, options),
    };
  });
}

/** The newest step first, as Docker shows it. Throws as {@link inspectImage} does. */
export function imageHistory(
  context: RuntimeContext,
  reference: string,
  options: Options & { platform?: string | undefined },
): Promise<ImageHistoryEntry[]> {
  return mapped(`image ${reference}`, async () => {
    const { documents } = await look(context, reference, options);
    const layers = (await layersOf(context, documents, options))[Symbol.iterator]();
    const entries = documents.config.history.map((step): ImageHistoryEntry => {
      const layer = step.emptyLayer ? undefined : layers.next().value;
      const created = dateOf(step.created);
      return {
        createdBy: step.createdBy ?? "",
        size: layer?.unpackedSize ?? layer?.size ?? 0,
        ...(created !== undefined && { created }),
        ...(step.author !== undefined && { author: step.author }),
        ...(step.comment !== undefined && { comment: step.comment }),
        ...(layer !== undefined && { layer: layer.digest }),
      };
    });
    // The history is the author's word and may tell of fewer layers than there are.
    for (const layer of layers)
      entries.push({ createdBy: "", size: layer.unpackedSize ?? layer.size, layer: layer.digest });
    return entries.reverse();
  });
}

async function look(
  context: RuntimeContext,
  reference: string,
  options: Options & { platform?: string | undefined },
): Promise<{ readonly record: ImageRecord; readonly documents: ImageDocuments }> {
  options.signal?.throwIfAborted();
  const record = await readImageRecord(context, reference, options);
  const documents = await knownDocuments(context, record, options);
  return { record, documents };
}

async function layersOf(
  context: RuntimeContext,
  { manifest, config, chain }: ImageDocuments,
  options: Options,
): Promise<ImageLayer[]> {
  return Promise.all(
    manifest.layers.map(async ({ digest, mediaType, size }, index) => {
      const unpackedSize = await snapshotSize(context, chain[index] ?? "", options);
      return {
        digest,
        diffId: config.rootfs.diffIds[index] ?? "",
        mediaType,
        size,
        ...(unpackedSize !== undefined && { unpackedSize }),
        isPresent: (await blobSize(context, digest, options)) !== undefined,
      };
    }),
  );
}

async function sharedSize(
  context: RuntimeContext,
  record: ImageRecord,
  records: readonly ImageRecord[],
  own: ReadonlyMap<string, number>,
  options: Options,
): Promise<number> {
  const others = new Map(
    records
      .filter(({ target }) => target.digest !== record.target.digest)
      .map((other) => [other.target.digest, other] as const),
  );
  const theirs = new Set<string>();
  for (const other of others.values()) {
    for (const key of (await holdings(context, other, options)).keys()) theirs.add(key);
  }
  return total([...own].filter(([key]) => theirs.has(key)).map(([, size]) => size));
}

function runConfig({ config }: ImageConfig): ImageRunConfig {
  return config;
}

function dateOf(text: string | undefined): Date | undefined {
  const date = text === undefined ? undefined : new Date(text);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}
