import { type Descriptor, formatReference, hostPlatform, parseReference, selectPlatform } from "@voiyd/oci-registry";
import { RuntimeError, type SaveImagesOptions } from "@voiyd/runtime-api";
import { streamContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { ensureContent } from "../image/ensure-content.js";
import { type ImageRecord, readImageRecord } from "../image/image-record.js";
import { blobsOf, type ImageTree, type TreeManifest } from "../image/image-tree.js";
import { openPullLease } from "../image/pull-lease.js";
import { archiveEnd, fileHeader, folderHeader, padding } from "./tar-header.js";

type Options = { signal?: AbortSignal };

interface Saved {
  readonly record: ImageRecord;
  readonly tree: ImageTree;
}

/**
 * Images as one tar archive: an OCI image layout with Docker's `manifest.json` beside it. The lease is held until the
 * last byte, so that nothing is collected in between.
 */
export async function* saveImages(
  context: RuntimeContext,
  references: readonly string[],
  options: SaveImagesOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const lease = await openPullLease(context);
  try {
    call.signal?.throwIfAborted();
    if (references.length === 0) throw new RuntimeError("INVALID_ARGUMENT", "no image was named");
    const images: Saved[] = [];
    for (const reference of references) {
      const record = await readImageRecord(lease.context, reference, call);
      images.push({ record, tree: await ensureContent(lease.context, record, options, () => undefined, call) });
    }
    yield* write(lease.context, images, call);
  } catch (error) {
    call.signal?.throwIfAborted();
    throw mapError(error, `images ${references.join(", ")}`);
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}

async function* write(
  context: RuntimeContext,
  images: readonly Saved[],
  call: Options,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* file("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  yield* file("index.json", json(layoutIndex(images)));
  const docker = dockerManifest(images);
  if (docker.length > 0) yield* file("manifest.json", json(docker));
  yield folderHeader("blobs");
  const all = images.flatMap(({ tree }) => {
    const { blobs, documents } = blobsOf(tree);
    return [...documents, ...blobs];
  });
  const once = [...new Map(all.map((blob) => [blob.digest, blob])).values()];
  for (const algorithm of new Set(once.map(({ digest }) => digest.split(":")[0] ?? "")))
    yield folderHeader(`blobs/${algorithm}`);
  for (const blob of once) {
    yield fileHeader(blobPath(blob), blob.size);
    let length = 0;
    for await (const chunk of streamContent(context.client, blob.digest, 0, call)) {
      length += chunk.length;
      yield chunk;
    }
    if (length !== blob.size) {
      throw new RuntimeError("DATA_LOSS", `${blob.digest} has ${String(length)} bytes here, not ${String(blob.size)}`, {
        hint: "repair the image",
        details: { digest: blob.digest },
      });
    }
    yield padding(blob.size);
  }
  yield archiveEnd();
}

function* file(path: string, content: Uint8Array): Generator<Uint8Array, void, undefined> {
  yield fileHeader(path, content.length);
  yield content;
  yield padding(content.length);
}

function layoutIndex(images: readonly Saved[]): object {
  return {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: images.map(({ record, tree }) => ({
      ...describe(tree.root),
      annotations: {
        "io.containerd.image.name": record.name,
        ...(parseReference(record.name).tag !== undefined && {
          "org.opencontainers.image.ref.name": parseReference(record.name).tag,
        }),
      },
    })),
  };
}

/** What `docker load` of old reads: one platform of each image, by paths. */
function dockerManifest(images: readonly Saved[]): readonly object[] {
  const byConfig = new Map<string, { Config: string; RepoTags: string[]; Layers: string[] }>();
  for (const { record, tree } of images) {
    const chosen = forHost(tree);
    if (chosen === undefined) continue;
    const { config, layers } = chosen.manifest;
    const entry = byConfig.get(config.digest) ?? {
      Config: blobPath(config),
      RepoTags: [],
      Layers: layers.map(blobPath),
    };
    const reference = parseReference(record.name);
    if (reference.tag !== undefined) {
      const { registry, repository, tag } = reference;
      entry.RepoTags.push(formatReference({ registry, repository, tag }));
    }
    byConfig.set(config.digest, entry);
  }
  return [...byConfig.values()];
}

function forHost({ root, indexes, manifests }: ImageTree): TreeManifest | undefined {
  const top = indexes.find(({ descriptor }) => descriptor.digest === root.digest);
  const chosen = top === undefined ? undefined : selectPlatform(top.index, hostPlatform());
  return manifests.find(({ descriptor }) => descriptor.digest === chosen?.digest) ?? manifests[0];
}

function describe({ mediaType, digest, size }: Descriptor): object {
  return { mediaType, digest, size };
}

function blobPath({ digest }: Pick<Descriptor, "digest">): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
