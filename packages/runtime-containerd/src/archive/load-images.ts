import {
  type Descriptor,
  formatReference,
  isIndexType,
  isManifestType,
  OCI_INDEX,
  OCI_MANIFEST,
  parseIndex,
  parseReference,
} from "@voiyd/oci-registry";
import { type Image, isRuntimeError, type PullOptions, RuntimeError } from "@voiyd/runtime-api";
import { untilAborted } from "../concurrency/until-aborted.js";
import { hasContent, labelContent, readContent } from "../content/read-content.js";
import type { StoredStream } from "../content/store-stream.js";
import { storeBytes } from "../content/store-stream.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { type DocumentReader, readDocuments } from "../image/image-documents.js";
import { type ImageRecord, readImageRecord, writeImageRecord } from "../image/image-record.js";
import { type Choice, everyEntry, readTree } from "../image/image-tree.js";
import { describeImage } from "../image/images.js";
import { withPullLease } from "../image/pull-lease.js";
import { unpack } from "../image/unpack.js";
import { parseDockerManifest } from "./docker-manifest.js";
import { type ArchiveContents, find, invalidArchive, readArchive } from "./read-archive.js";

type Options = { signal?: AbortSignal };

interface Named {
  readonly name: string;
  readonly root: Descriptor;
}

/** Takes the images of an archive into containerd: verified, unpacked where they are for this host, and then named. */
export function loadImages(
  context: RuntimeContext,
  archive: AsyncIterable<Uint8Array>,
  options: Pick<PullOptions, "onProgress" | "signal">,
): Promise<Image[]> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const report = options.onProgress ?? (() => undefined);
  return mapped("archive", async () => {
    call.signal?.throwIfAborted();
    return withPullLease(context, async (leased) => {
      const contents = await readArchive(leased, untilAborted(archive, call.signal), call);
      const images = await namesIn(leased, contents, call);
      if (images.length === 0) throw invalidArchive("holds no image with a name");
      for (const { name, root } of images) {
        await prepare(leased, name, root, report, call);
      }
      const loaded: ImageRecord[] = [];
      for (const { name, root } of images) {
        await writeImageRecord(leased, name, root, call);
        report({ phase: "done", kind: "image", subject: name });
        loaded.push(await readImageRecord(leased, name, call));
      }
      return Promise.all(loaded.map((record) => describeImage(leased, record, call)));
    });
  });
}

async function namesIn(context: RuntimeContext, contents: ArchiveContents, call: Options): Promise<readonly Named[]> {
  const { documents } = contents;
  const [index, docker] = [documents.get("index.json"), documents.get("manifest.json")];
  const tags = docker === undefined ? [] : parseDockerManifest(docker);
  if (index !== undefined) {
    const { manifests } = parseIndex(index, OCI_INDEX);
    const named = manifests.flatMap((descriptor) => namesOf(descriptor).map((name) => ({ name, root: descriptor })));
    if (named.length > 0) return named;
    // A layout whose one image has its names in Docker's file.
    const [only] = manifests;
    if (only !== undefined && manifests.length === 1 && tags.length === 1)
      return (tags[0]?.repoTags ?? []).map((tag) => ({ name: formatReference(parseReference(tag)), root: only }));
    if (docker === undefined) return [];
  }
  if (docker === undefined) throw invalidArchive("has neither an index.json nor a manifest.json");
  const images: Named[] = [];
  for (const { config, layers, repoTags } of tags) {
    if (repoTags.length === 0) continue;
    const root = await manifestFor(context, contents, config, layers, call);
    for (const tag of repoTags) images.push({ name: formatReference(parseReference(tag)), root });
  }
  return images;
}

/** Containerd's annotation is the whole name; that of the specification is one only when it has more than a tag. */
function namesOf({ mediaType, annotations }: Descriptor): readonly string[] {
  if (!isManifestType(mediaType) && !isIndexType(mediaType)) return [];
  const full = annotations?.["io.containerd.image.name"];
  const short = annotations?.["org.opencontainers.image.ref.name"];
  const text = full ?? (short?.includes("/") === true || short?.includes(":") === true ? short : undefined);
  return text === undefined ? [] : [formatReference(parseReference(text))];
}

/** The manifest that Docker's list of files amounts to. */
async function manifestFor(
  context: RuntimeContext,
  contents: ArchiveContents,
  configPath: string,
  layerPaths: readonly string[],
  call: Options,
): Promise<Descriptor> {
  const need = (path: string): StoredStream => {
    const found = find(contents, path);
    if (found === undefined) throw invalidArchive(`does not hold ${JSON.stringify(path.slice(0, 200))}`);
    return found;
  };
  const config = need(configPath);
  const layers: Descriptor[] = [];
  for (const path of layerPaths) {
    const { digest, size } = need(path);
    layers.push({
      mediaType: `application/vnd.oci.image.layer.v1.tar${await compressionOf(context, digest, call)}`,
      digest,
      size,
    });
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.size },
    layers,
  };
  return storeBytes(context.client, OCI_MANIFEST, new TextEncoder().encode(JSON.stringify(manifest)), call);
}

async function compressionOf(context: RuntimeContext, digest: string, call: Options): Promise<"" | "+gzip" | "+zstd"> {
  const stop = new AbortController();
  const signal = call.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, call.signal]);
  for await (const { data } of context.client.content.read({ digest, size: 4n }, { signal })) {
    const magic = Buffer.from(data.subarray(0, 4)).toString("hex");
    return magic.startsWith("1f8b") ? "+gzip" : magic === "28b52ffd" ? "+zstd" : "";
  }
  return "";
}

/** Labels what there is of an image for the collector, checks it, and unpacks what is for this host. */
async function prepare(
  context: RuntimeContext,
  name: string,
  root: Descriptor,
  report: NonNullable<PullOptions["onProgress"]>,
  call: Options,
): Promise<void> {
  const { client } = context;
  const read: DocumentReader = async (_kind, { digest }, maxBytes, children) => {
    if (!(await hasContent(client, digest, call)))
      throw new RuntimeError("IMAGE_INVALID", `the archive does not hold ${digest} of image ${name}`, {
        details: { digest },
      });
    const bytes = await readContent(client, digest, maxBytes, call);
    await labelContent(client, digest, children(bytes), call);
    return bytes;
  };
  // An archive may hold one platform of several: entries that are not there are not missed.
  const here = new Set<string>();
  const choose: Choice = (index) => everyEntry(index).filter(({ digest }) => here.has(digest));
  for (let known = -1; here.size > known;) {
    known = here.size;
    for (const { index } of (await readTree(root, read, choose)).indexes) {
      for (const { digest } of everyEntry(index)) if (await hasContent(client, digest, call)) here.add(digest);
    }
  }
  try {
    const documents = await readDocuments(name, root, read);
    for (const { digest } of documents.manifest.layers) {
      if (!(await hasContent(client, digest, call)))
        throw new RuntimeError("IMAGE_INVALID", `the archive does not hold ${digest} of image ${name}`, {
          details: { digest },
        });
    }
    await unpack(
      context,
      documents,
      {
        layerReady: () => Promise.resolve(),
        onLayer: (layer, state, existed) => {
          report({ phase: state, kind: "layer", subject: layer.digest, total: layer.size, existed });
        },
      },
      call,
    );
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_PLATFORM_MISMATCH")) throw error;
  }
}
