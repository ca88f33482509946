import { randomBytes } from "node:crypto";
import { isContainerdError } from "@voiyd/containerd-client";
import type { Descriptor } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { labelContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { snapshotOf } from "./gc-labels.js";
import type { ImageDocuments } from "./image-documents.js";
import { hasSnapshot } from "./ready-image.js";

type Options = { signal?: AbortSignal };

export interface UnpackHooks {
  /** Resolves when the blob of layer `index` is in the content store. */
  readonly layerReady: (index: number) => Promise<void>;
  readonly onLayer?: (layer: Descriptor, state: "unpacking" | "done", existed: boolean) => void;
}

/** How many of the image's lowest layers have their snapshots: these need neither be fetched nor unpacked. */
export async function unpackedLayers(
  context: RuntimeContext,
  chain: readonly string[],
  options: Options,
): Promise<number> {
  for (let count = chain.length; count > 0; count--) {
    const chainId = chain[count - 1];
    if (chainId !== undefined && (await hasSnapshot(context, chainId, options))) return count;
  }
  return 0;
}

/**
 * Turns the layers into snapshots, the lowest first, each as soon as its blob is there, and ties the top one to the
 * image's config. Layers that are snapshots already are passed over.
 */
export async function unpack(
  context: RuntimeContext,
  documents: ImageDocuments,
  hooks: UnpackHooks,
  options: Options,
): Promise<void> {
  const { manifest, chain, config } = documents;
  for (let index = await unpackedLayers(context, chain, options); index < chain.length; index++) {
    const [layer, diffId, chainId] = [manifest.layers[index], config.rootfs.diffIds[index], chain[index]];
    if (layer === undefined || diffId === undefined || chainId === undefined) break;
    await hooks.layerReady(index);
    hooks.onLayer?.(layer, "unpacking", false);
    const parent = chain[index - 1] ?? "";
    const existed = await context.unpacking.run(`${context.snapshotter} ${chainId}`, () =>
      unpackLayer(context, { layer, diffId, chainId, parent }, options),
    );
    hooks.onLayer?.(layer, "done", existed);
  }
  const top = chain.at(-1);
  if (top !== undefined)
    await labelContent(context.client, manifest.config.digest, snapshotOf(context.snapshotter, top), options);
}

interface Layer {
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly chainId: string;
  readonly parent: string;
}

/** Returns whether the snapshot was there by the time it was our turn. */
async function unpackLayer(context: RuntimeContext, input: Layer, options: Options): Promise<boolean> {
  const { layer, diffId, chainId, parent } = input;
  const { client, snapshotter } = context;
  if (await hasSnapshot(context, chainId, options)) return true;
  const key = `extract-${String(process.hrtime.bigint())}-${randomBytes(3).toString("base64url")} ${chainId}`;
  const labels = { "containerd.io/snapshot.ref": chainId };
  const mounts = await prepareTarget(context, { snapshotter, key, parent, labels }, options);
  if (mounts === undefined) return true;
  let committed = false;
  try {
    const diff = { mediaType: layer.mediaType, digest: layer.digest, size: BigInt(layer.size) };
    const apply = async (): Promise<{ applied?: { digest: string } | undefined }> => {
      try {
        return await client.diff.apply({ diff, mounts }, options);
      } catch (error) {
        throw isBroken(error) ? brokenLayer(layer, error) : error;
      }
    };
    const { applied } = await apply();
    if (applied?.digest !== diffId) throw wrongLayer(layer, diffId, applied?.digest);
    await client.snapshots.commit({ snapshotter, name: chainId, key, labels }, options);
    committed = true;
  } catch (error) {
    // Another process was faster.
    if (!isContainerdError(error, "already_exists")) throw error;
  } finally {
    if (!committed) await removeExtract(context, key);
  }
  await labelContent(client, layer.digest, { "containerd.io/uncompressed": diffId }, options);
  return !committed;
}

type Prepare = Parameters<RuntimeContext["client"]["snapshots"]["prepare"]>[0];
type Mounts = Awaited<ReturnType<RuntimeContext["client"]["snapshots"]["prepare"]>>["mounts"];

/**
 * A snapshot to unpack into; `undefined` when another process has made its target since we looked. Containerd refuses to
 * prepare for a target that is there, and puts the target under our lease.
 */
async function prepareTarget(context: RuntimeContext, request: Prepare, options: Options): Promise<Mounts | undefined> {
  try {
    return (await context.client.snapshots.prepare(request, options)).mounts;
  } catch (error) {
    if (isContainerdError(error, "already_exists")) return undefined;
    throw error;
  }
}

/** Without the caller's signal: what is half unpacked is of no use, aborted or not. */
async function removeExtract(context: RuntimeContext, key: string): Promise<void> {
  try {
    await context.client.snapshots.remove({ snapshotter: context.snapshotter, key });
  } catch (error) {
    if (!isContainerdError(error)) throw error;
    // The pull's lease ends next, and the collector takes what it held.
    if (error.code !== "not_found")
      context.logger.debug("a half-unpacked snapshot could not be removed", { key, error });
  }
}

/** What containerd says, without a code of its own, of a layer that is no archive or whose compression is damaged. */
const BROKEN =
  /unexpected EOF|invalid tar header|archive\/tar|gzip: invalid|flate: corrupt|zstd|invalid header|magic number mismatch|number of entries/;

function isBroken(error: unknown): boolean {
  return isContainerdError(error) && !error.connection && error.code === "unknown" && BROKEN.test(error.message);
}

function brokenLayer(layer: Descriptor, cause: unknown): RuntimeError {
  return new RuntimeError(
    "IMAGE_INVALID",
    `layer ${layer.digest} cannot be unpacked: it is no archive, or a damaged one`,
    {
      hint: "the image's builder has to make it again",
      details: { digest: layer.digest },
      cause,
    },
  );
}

function wrongLayer(layer: Descriptor, expected: string, actual: string | undefined): RuntimeError {
  return new RuntimeError("DIGEST_MISMATCH", `layer ${layer.digest} unpacks to ${String(actual)}, not to ${expected}`, {
    hint: "the image is not what its config says; its builder has to make it again",
    details: { digest: layer.digest, expected },
  });
}
