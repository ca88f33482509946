import { type FileChange, RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { withPullLease } from "../image/pull-lease.js";
import { stateDirectory } from "../run/name-files.js";
import { mountRootfs } from "../snapshot/mounted-rootfs.js";
import { compareTrees } from "./compare-trees.js";
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
    return await compareTrees({ now: now.root, before: before.root, comparesOwners, ...own }, options);
  });
}
