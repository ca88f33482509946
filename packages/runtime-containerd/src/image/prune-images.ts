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
  { all = false, dryRun = false, only, without = [] }: Pick<PruneImagesOptions, "all" | "dryRun" | "only" | "without">,
  options: Options,
): Promise<ImagePruneReport> {
  return mapped("images", async () => {
    options.signal?.throwIfAborted();
    const records = await listImageRecords(context, options);
    const uses = await imageUses(context, options, without);
    const stays = (name: string): string | undefined => {
      if (only?.includes(name) === false) return "it is not among those that may go";
      return all || name.includes("@") ? undefined : "it has a tag";
    };
    const judged = records.map((record) =>
      judge(record, stays(record.name), usersOf(record.target.digest, records, uses)),
    );
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

/** `stays`: why it would stay if nobody used it. */
function judge(record: ImageRecord, stays: string | undefined, users: readonly string[]): Judged {
  const { name, target } = record;
  const [user] = users;
  const kept = user === undefined ? stays : `used by container ${user}`;
  const [goes, reason] = [kept === undefined, kept ?? "no container uses it"];
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
