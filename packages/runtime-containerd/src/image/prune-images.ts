import type { ImagePruneReport, PruneImagesOptions, PruneVerdict } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { holdings, total } from "./disk-usage.js";
import { type ImageRecord, listImageRecords } from "./image-record.js";
import { imageUses, usersOf } from "./image-uses.js";
import { deleteRecord } from "./remove-image.js";

type Options = { signal?: AbortSignal };

interface Judged {
  readonly record: ImageRecord;
  readonly goes: boolean;
  readonly verdict: PruneVerdict;
}

/** Removes images that no container was made from: those without a tag, or all. */
export function pruneImages(
  context: RuntimeContext,
  { all = false, dryRun = false, without = [] }: Pick<PruneImagesOptions, "all" | "dryRun" | "without">,
  options: Options,
): Promise<ImagePruneReport> {
  return mapped("images", async () => {
    options.signal?.throwIfAborted();
    const records = await listImageRecords(context, options);
    const uses = await imageUses(context, options, without);
    const judged = records.map((record) => judge(record, all, usersOf(record.target.digest, records, uses)));
    const going = judged.filter(({ goes }) => goes);
    const staying = judged.filter(({ goes }) => !goes);
    const reclaimedBytes = await onlyIn(context, going, staying, options);
    if (!dryRun) {
      for (const [index, { record }] of going.entries()) {
        // One collection at the end takes what all of them have kept.
        await deleteRecord(context, record.name, index === going.length - 1, options);
      }
    }
    return {
      removed: going.map(({ verdict }) => verdict),
      kept: staying.map(({ verdict }) => verdict),
      reclaimedBytes,
    };
  });
}

function judge(record: ImageRecord, all: boolean, users: readonly string[]): Judged {
  const { name, target } = record;
  const goes = users.length === 0 && (all || name.includes("@"));
  const reason =
    users[0] !== undefined ? `used by container ${users[0]}` : goes ? "no container uses it" : "it has a tag";
  return { record, goes, verdict: { name, digest: target.digest, reason } };
}

async function onlyIn(
  context: RuntimeContext,
  going: readonly Judged[],
  staying: readonly Judged[],
  options: Options,
): Promise<number> {
  const sizes = new Map<string, number>();
  for (const { record } of going) {
    for (const [key, size] of await holdings(context, record, options)) sizes.set(key, size);
  }
  for (const { record } of staying) {
    for (const key of (await holdings(context, record, options)).keys()) sizes.delete(key);
  }
  return total(sizes.values());
}
