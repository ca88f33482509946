import { RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { Rootfs } from "../rootfs/rootfs.js";
import { stateDirectory } from "../run/name-files.js";
import { mountRootfs } from "../snapshot/mounted-rootfs.js";
import { fileError } from "./copy-error.js";
import { SAME_IDS } from "./id-map.js";
import { packTree } from "./pack-tree.js";

type Options = { signal?: AbortSignal };

/**
 * All files of a container, running or not, as a tar archive: those of its snapshot, which is mounted once more, read-only
 * and for us alone. Nothing that is mounted in the container is seen there.
 */
export async function* exportFiles(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { id, name, snapshotter, snapshotKey: key } = record;
  const refusal = (reason: string): RuntimeError =>
    new RuntimeError("UNIMPLEMENTED", `the files of container ${name} cannot be exported: ${reason}`, {
      hint: "copy single folders out of it",
      details: { container: id },
    });
  // Its layers belong to other ids each, which only containerd's own mount puts right.
  if ((record.stored().config.namespaces?.user ?? "host") !== "host") throw refusal("it has users of its own");
  try {
    const { mounts } = await context.client.snapshots.mounts({ snapshotter, key }, options);
    await using mounted = await mountRootfs(mounts, stateDirectory(context, id), { refusal });
    await using rootfs = await Rootfs.open(mounted.root);
    await using root = await rootfs.place("/", { follow: true });
    yield* packTree(rootfs, root, Buffer.alloc(0), { ids: SAME_IDS, ...options });
  } catch (error) {
    throw mapError(fileError(error, "/"), `container ${name}`);
  }
}
