import { randomBytes } from "node:crypto";
import { isContainerdError } from "@voiyd/containerd-client";
import type { Descriptor } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { labelContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { hasSnapshot } from "./ready-image.js";

type Options = { signal?: AbortSignal };

export interface LayerToUnpack {
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly chainId: string;
  /** Its chain id; empty for none. */
  readonly parent: string;
  /** Unpacked on nothing, and put on its parent when that is there. */
  readonly apart: boolean;
  readonly below: Promise<void> | undefined;
}

/** Makes a layer's snapshot. Returns whether it was there by the time it was our turn. */
export async function unpackLayer(context: RuntimeContext, input: LayerToUnpack, options: Options): Promise<boolean> {
  const { layer, diffId, chainId, parent, apart } = input;
  const { client, snapshotter } = context;
  if (await hasSnapshot(context, chainId, options)) return true;
  const key = `extract-${String(process.hrtime.bigint())}-${randomBytes(3).toString("base64url")} ${chainId}`;
  const labels = { "containerd.io/snapshot.ref": chainId };
  const mounts = await prepareTarget(context, { snapshotter, key, parent: apart ? "" : parent, labels }, options);
  if (mounts === undefined) return true;
  let committed = false;
  try {
    await apply(context, layer, { diffId, mounts: apart ? onNothing(snapshotter, mounts) : mounts }, options);
    await input.below;
    await client.snapshots.commit({ snapshotter, name: chainId, key, labels, ...(apart && { parent }) }, options);
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

async function apply(
  { client }: RuntimeContext,
  layer: Descriptor,
  { diffId, mounts }: { readonly diffId: string; readonly mounts: Mounts },
  options: Options,
): Promise<void> {
  const diff = { mediaType: layer.mediaType, digest: layer.digest, size: BigInt(layer.size) };
  try {
    const { applied } = await client.diff.apply({ diff, mounts }, options);
    if (applied?.digest !== diffId) throw wrongLayer(layer, diffId, applied?.digest);
  } catch (error) {
    throw isBroken(error) ? brokenLayer(layer, error) : error;
  }
}

/**
 * The mounts of a snapshot without a parent, for a layer that will have one. The overlay snapshotter mounts a bare folder
 * then, in which a layer's whiteouts would delete what is not there; in the upper folder of an overlay they are kept.
 */
function onNothing(snapshotter: string, mounts: Mounts): Mounts {
  const [only, ...more] = mounts;
  if (snapshotter !== "overlayfs" || only?.type !== "bind" || more.length > 0) return mounts;
  const options = [...only.options.filter((option) => option !== "rbind"), `upperdir=${only.source}`];
  return [{ ...only, type: "overlay", source: "overlay", options }];
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
