import type { PruneVolumesOptions, VolumePruneReport, VolumeVerdict } from "@voiyd/runtime-api";
import { listRecords } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { folderBytes } from "../disk/folder-bytes.js";
import { mapped } from "../errors/map-error.js";
import { mayUse } from "./volume-users.js";

type Options = { signal?: AbortSignal };

/** See `VolumePruning.pruneVolumes`. */
export function pruneVolumes(
  context: RuntimeContext,
  { dryRun = false, without = [] }: Pick<PruneVolumesOptions, "dryRun" | "without">,
  options: Options,
): Promise<VolumePruneReport> {
  return mapped("volumes", async () => {
    options.signal?.throwIfAborted();
    const removed: VolumeVerdict[] = [];
    const kept: VolumeVerdict[] = [];
    for (const name of await context.volumes.list()) {
      const bytes = await folderBytes(context.volumes.directoryOf(name), options);
      let user = await userOf(context, name, without, options);
      const isUsed = async (): Promise<boolean> => {
        // Read anew: somebody may have made a container meanwhile.
        user = await userOf(context, name, without, options);
        return user !== undefined;
      };
      if (user === undefined && !dryRun) await context.volumes.remove(name, isUsed, options);
      if (user === undefined) removed.push({ name, reason: "no container uses it", bytes });
      else kept.push({ name, reason: `used by container ${user}`, bytes });
    }
    return { removed, kept };
  });
}

async function userOf(
  context: RuntimeContext,
  volume: string,
  without: readonly string[],
  options: Options,
): Promise<string | undefined> {
  for await (const record of listRecords(context, [], options)) {
    if (!without.includes(record.id) && mayUse(record, volume)) return record.name;
  }
  return undefined;
}
