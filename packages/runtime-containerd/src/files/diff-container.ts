import { type FileChange, RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { readSpec } from "../container/read-process.js";
import type { RuntimeContext } from "../context.js";
import { withPullLease } from "../image/pull-lease.js";
import { ownMountsOf } from "../request/volumes-from.js";
import { Rootfs } from "../rootfs/rootfs.js";
import { stateDirectory } from "../run/name-files.js";
import { mountRootfs } from "../snapshot/mounted-rootfs.js";
import { compareTrees } from "./compare-trees.js";
import { resolved } from "./container-files.js";
import { layerMounts } from "./container-layer.js";

type Options = { signal?: AbortSignal };

/** What a container has changed in the files of its image, whether it runs or not. */
export function diffContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<FileChange[]> {
  return withPullLease(context, async (leased) => {
    await using layer = await layerMounts(leased, record, options);
    const directory = stateDirectory(context, record.id);
    const refusal = (reason: string): RuntimeError =>
      new RuntimeError("UNIMPLEMENTED", `the files of container ${record.name} cannot be compared: ${reason}`, {
        details: { container: record.id },
      });
    // Each in a namespace of its own, so that one folder does for both.
    await using now = await mountRootfs(layer.now, directory, { refusal });
    await using before = await mountRootfs(layer.before, directory, { refusal });
    const own = layer.own === undefined ? {} : { own: layer.own };
    const comparesOwners = (record.stored().config.namespaces?.user ?? "host") === "host";
    const mountPoints = await mountPointsOf(context, record, now.root, options);
    return await compareTrees({ now: now.root, before: before.root, comparesOwners, mountPoints, ...own }, options);
  });
}

/** As Docker, which has what it mounts by itself in a layer of its own: what users mount, they have made room for. */
async function mountPointsOf(
  context: RuntimeContext,
  record: ContainerRecord,
  root: string,
  options: Options,
): Promise<readonly string[]> {
  const spec = await readSpec(context, record.id, options);
  await using rootfs = await Rootfs.open(root);
  const points: string[] = [];
  for (const { destination } of ownMountsOf(spec, record.stored().config, stateDirectory(context, record.id)))
    points.push(await resolved(rootfs, destination));
  return points;
}
