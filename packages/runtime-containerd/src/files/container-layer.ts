import { randomUUID } from "node:crypto";
import { isContainerdError, type Mount } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { overlayLayers } from "../snapshot/mounted-rootfs.js";

type Options = { signal?: AbortSignal };

/** The two trees between which a container's own layer lies, as they can be mounted without touching them. */
export interface LayerMounts extends AsyncDisposable {
  /** The image's files. */
  readonly before: readonly Mount[];
  /** The image's and the container's. */
  readonly now: readonly Mount[];
  /** The folder of the container's own files, where there is one. */
  readonly own: string | undefined;
}

/** To be called under a lease: a view of the image's files is made, and removed by disposal. */
export async function layerMounts(
  leased: RuntimeContext,
  { snapshotter, snapshotKey, name, id }: ContainerRecord,
  options: Options,
): Promise<LayerMounts> {
  const { snapshots } = leased.client;
  const { info } = await snapshots.stat({ snapshotter, key: snapshotKey }, options);
  const parent = info?.parent ?? "";
  if (parent === "")
    throw new RuntimeError("FAILED_PRECONDITION", `container ${name} has no image below its files`, {
      details: { container: id },
    });
  const { mounts } = await snapshots.mounts({ snapshotter, key: snapshotKey }, options);
  // As halves of unpacked layers are called, so that a recovery knows whose it was.
  const key = `extract-view-${randomUUID()}`;
  const view = await snapshots.view({ snapshotter, key, parent }, options);
  const own = mounts.length === 1 ? upperOf(mounts[0]) : undefined;
  return {
    before: view.mounts,
    now: mounts.map(withoutWriting),
    own,
    [Symbol.asyncDispose]: () => removeView(leased, snapshotter, key),
  };
}

/**
 * A mount of the same files that does not write. The container may have the overlay mounted, and the kernel does not know
 * what to do with two that write to the same folders.
 */
function withoutWriting(mount: Mount): Mount {
  if (mount.type !== "overlay")
    return { ...mount, options: [...mount.options.filter((option) => option !== "rw"), "ro"] };
  const others = mount.options.filter((option) => !/^(?:upperdir|lowerdir|workdir|index)(?:=|$)/.test(option));
  return { ...mount, options: [...others, `lowerdir=${overlayLayers(mount.options).join(":")}`] };
}

function upperOf(mount: Mount | undefined): string | undefined {
  if (mount?.type !== "overlay") return undefined;
  return mount.options.find((option) => option.startsWith("upperdir="))?.slice("upperdir=".length);
}

/** Without the caller's signal: it is of no use to anybody else. */
async function removeView({ client, logger }: RuntimeContext, snapshotter: string, key: string): Promise<void> {
  try {
    await client.snapshots.remove({ snapshotter, key });
  } catch (error) {
    if (!isContainerdError(error)) throw error;
    // The lease ends next, and the collector takes what it held.
    if (error.code !== "not_found") logger.debug("a view of an image's files could not be removed", { key, error });
  }
}
