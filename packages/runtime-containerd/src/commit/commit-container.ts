import {
  type Descriptor,
  formatReference,
  MAX_CONFIG_BYTES,
  OCI_MANIFEST,
  parseManifest,
  parseReference,
} from "@voiyd/oci-registry";
import { type CommitOptions, type Image, invalid, RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { isRecord } from "../container/json.js";
import { labelContent, readContent } from "../content/read-content.js";
import { storeBytes } from "../content/store-stream.js";
import type { RuntimeContext } from "../context.js";
import { layerMounts } from "../files/container-layer.js";
import { manifestChildren } from "../image/gc-labels.js";
import { type ImageDocuments } from "../image/image-documents.js";
import { type ImageRecord, readImageRecord, writeImageRecord } from "../image/image-record.js";
import { describeImage } from "../image/images.js";
import { localDocuments } from "../image/local-documents.js";
import { withPullLease } from "../image/pull-lease.js";
import { unpack } from "../image/unpack.js";
import { pauseContainer, resumeContainer } from "../lifecycle/pause-container.js";
import { readTask } from "../task/task-state.js";
import { applyChanges } from "./change.js";
import { settingsOf, toImageConfig } from "./run-settings.js";

type Options = { signal?: AbortSignal };

const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
/** The same bytes under Docker's names and the specification's. */
const OCI_TYPES: Readonly<Record<string, string>> = {
  "application/vnd.docker.image.rootfs.diff.tar.gzip": OCI_LAYER,
  "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
};
/** Containerd's, on a blob: the digest that it has without its compression. */
const UNCOMPRESSED = "containerd.io/uncompressed";

interface NewLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

/** Makes an image of a container. Nothing of it can be collected before it has its name. */
export async function commitContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  reference: string,
  options: CommitOptions,
): Promise<Image> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const parsed = parseReference(reference);
  if (parsed.digest !== undefined) throw invalid("reference", reference, "a name with a tag, and without a digest");
  const { config, meta } = record.stored();
  if ((config.namespaces?.user ?? "host") !== "host") throw refused(record, "its files belong to users of its own");
  const name = formatReference(parsed);
  return withPullLease(context, async (leased) => {
    const base = await baseOf(leased, record, call);
    const settings = applyChanges(settingsOf(base.documents.config.config, config, meta.labels), options.changes ?? []);
    const layer = await held(leased, record, options, () => makeLayer(leased, record, call));
    const raw = parsedJson(
      await readContent(leased.client, base.documents.manifest.config.digest, MAX_CONFIG_BYTES, call),
      record,
    );
    const imageConfig = {
      ...withoutBuild(raw),
      created: new Date().toISOString(),
      ...(options.author === undefined ? {} : { author: options.author }),
      config: toImageConfig(settings, isRecord(raw["config"]) ? raw["config"] : {}),
      rootfs: { type: "layers", diff_ids: [...base.documents.config.rootfs.diffIds, layer.diffId] },
      history: [...historyOf(raw), historyEntry(settings.entrypoint, settings.cmd, options)],
    };
    const configBlob = await storeBytes(leased.client, OCI_CONFIG, encode(imageConfig), call);
    const layers = base.documents.manifest.layers.map((known) => ({
      mediaType: OCI_TYPES[known.mediaType] ?? known.mediaType,
      digest: known.digest,
      size: known.size,
    }));
    const manifest = encode({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: configBlob,
      layers: [...layers, layer.descriptor],
    });
    const target = await storeBytes(leased.client, OCI_MANIFEST, manifest, call);
    await labelContent(leased.client, target.digest, manifestChildren(parseManifest(manifest, OCI_MANIFEST)), call);
    const image: ImageRecord = { name, target, createdAt: new Date() };
    const documents = await localDocuments(leased, image, call);
    await unpack(leased, documents, { layerReady: () => Promise.resolve() }, call);
    await writeImageRecord(leased, name, target, call);
    return describeImage(leased, await readImageRecord(leased, name, call), call);
  });
}

/** The image that the container was made of, as long as it is here under any name. */
async function baseOf(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<{ readonly documents: ImageDocuments }> {
  const image = await readImageRecord(context, record.image, options);
  const documents = await localDocuments(context, image, options);
  const { snapshotter, snapshotKey: key } = record;
  const { info } = await context.client.snapshots.stat({ snapshotter, key }, options);
  // The name may stand for another image by now.
  if (info?.parent !== documents.chain.at(-1))
    throw refused(record, `${image.name} is not the image any more that it was made of`);
  return { documents };
}

/** Holds the container's processes up meanwhile, if it runs and may be held. */
async function held<T>(
  context: RuntimeContext,
  record: ContainerRecord,
  { pause = true, signal }: CommitOptions,
  work: () => Promise<T>,
): Promise<T> {
  const call = signal === undefined ? {} : { signal };
  if (!pause || (await readTask(context, record.id, call)).kind !== "running") return work();
  await pauseContainer(context, record, call);
  try {
    return await work();
  } finally {
    // Without the caller's signal: it has to go on, whatever became of the image.
    await resumeContainer(context, record, {});
  }
}

async function makeLayer(leased: RuntimeContext, record: ContainerRecord, options: Options): Promise<NewLayer> {
  const { client } = leased;
  await using mounts = await layerMounts(leased, record, options);
  const [left, right] = [[...mounts.before], [...mounts.now]];
  const ref = `commit-${record.id}-${String(process.hrtime.bigint())}`;
  const { diff } = await client.diff.diff({ left, right, mediaType: OCI_LAYER, ref }, options);
  if (diff === undefined) throw refused(record, "containerd made no layer");
  const { info } = await client.content.info({ digest: diff.digest }, options);
  const diffId = info?.labels[UNCOMPRESSED];
  if (diffId === undefined) throw refused(record, "containerd does not say what the layer is without its compression");
  return { descriptor: { mediaType: OCI_LAYER, digest: diff.digest, size: Number(diff.size) }, diffId };
}

function historyOf(raw: Readonly<Record<string, unknown>>): readonly unknown[] {
  const history = raw["history"];
  return Array.isArray(history) ? history : [];
}

function historyEntry(
  entrypoint: readonly string[] = [],
  cmd: readonly string[] = [],
  { author, message }: CommitOptions,
): object {
  return {
    created: new Date().toISOString(),
    created_by: [...entrypoint, ...cmd].join(" "),
    ...(author === undefined ? {} : { author }),
    ...(message === undefined ? {} : { comment: message }),
  };
}

/** Docker writes into an image's configuration which container it came from: that is another one now. */
function withoutBuild(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const own = new Set(["container", "container_config", "docker_version", "id", "parent"]);
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !own.has(key)));
}

function parsedJson(bytes: Uint8Array, record: ContainerRecord): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (isRecord(value)) return value;
  throw refused(record, "its image's configuration is none");
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function refused({ id, name }: ContainerRecord, why: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `no image can be made of container ${name}: ${why}`, {
    details: { container: id },
  });
}
