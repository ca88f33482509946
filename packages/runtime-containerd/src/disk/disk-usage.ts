import type { DiskUsageReport, ImageUsage, VolumeUsage } from "@voiyd/runtime-api";
import { type ContainerRecord, listRecords } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { snapshotKey } from "../image/disk-usage.js";
import { type ImageRecord, listImageRecords } from "../image/image-record.js";
import { imageUses, usersOf } from "../image/image-uses.js";
import { volumesOf } from "../volume/volume-users.js";
import { containerUsage } from "./container-usage.js";
import { folderBytes } from "./folder-bytes.js";
import { heldByLeases, ingests, looseFiles } from "./loose-things.js";
import { reachable, type Stored, storedThings } from "./stored-things.js";

type Options = { signal?: AbortSignal };

/** See `DiskUsage.diskUsage`. */
export function diskUsage(context: RuntimeContext, options: Options): Promise<DiskUsageReport> {
  return mapped("the disk usage", async () => {
    options.signal?.throwIfAborted();
    const records: ContainerRecord[] = [];
    for await (const record of listRecords(context, [], options)) records.push(record);
    const things = await storedThings(context, options);
    const images = await imagesOf(context, things, options);
    // Each thing belongs to the first that has it: an image, a container, who is at work, nobody.
    const taken = new Set(images.reach.flatMap((reach) => [...reach]));
    const containers = [];
    for (const record of records) {
      const own = snapshotKey(record.snapshotKey === "" ? record.id : record.snapshotKey);
      const kept = claim(taken, things, [own]).filter((name) => name !== own);
      const layerBytes = things.get(own)?.bytes ?? 0;
      containers.push(await containerUsage(context, record, { layerBytes, keptBytes: sum(things, kept) }, options));
    }
    const held = claim(taken, things, await heldByLeases(context, options));
    const rest = [...things.keys()].filter((name) => !taken.has(name));
    const loose = (names: readonly string[], meaning: string): DiskUsageReport["cache"] =>
      names.flatMap((name) => {
        const thing = things.get(name);
        return thing === undefined ? [] : [{ kind: thing.kind, subject: thing.subject, bytes: thing.bytes, meaning }];
      });
    const files = await looseFiles(context, options);
    return {
      images: images.usages,
      imageBytes: images.bytes,
      reclaimableImageBytes: images.reclaimable,
      containers,
      volumes: await volumes(context, records, options),
      cache: [...loose(held, "somebody is at work on it"), ...(await ingests(context, options)), ...files.cache],
      orphans: [...loose(rest, "nothing refers to it"), ...files.orphans],
    };
  });
}

/** What can be got to from `from` and is nobody's yet; it is taken now. */
function claim(taken: Set<string>, things: ReadonlyMap<string, Stored>, from: readonly string[]): string[] {
  const free = [...reachable(things, from)].filter((name) => !taken.has(name));
  for (const name of free) taken.add(name);
  return free;
}

interface Images {
  readonly usages: readonly ImageUsage[];
  /** What each image has. */
  readonly reach: readonly ReadonlySet<string>[];
  readonly bytes: number;
  readonly reclaimable: number;
}

async function imagesOf(
  context: RuntimeContext,
  things: ReadonlyMap<string, Stored>,
  options: Options,
): Promise<Images> {
  const records = await listImageRecords(context, options);
  const uses = await imageUses(context, options);
  // Two names of one image share nothing with each other: they are the same.
  const byDigest = new Map(records.map(({ target }) => [target.digest, reachable(things, [target.digest])]));
  const owners = new Map<string, number>();
  for (const reach of byDigest.values()) for (const name of reach) owners.set(name, (owners.get(name) ?? 0) + 1);
  const usages = records.map((record) => {
    const reach = [...(byDigest.get(record.target.digest) ?? [])];
    const shared = reach.filter((name) => (owners.get(name) ?? 0) > 1);
    return usage(record, sum(things, reach), sum(things, shared), usersOf(record.target.digest, records, uses));
  });
  const used = usages.filter(({ containers }) => containers.length > 0).map(({ digest }) => digest);
  const staying = new Set(used.flatMap((digest) => [...(byDigest.get(digest) ?? [])]));
  return {
    usages,
    reach: [...byDigest.values()],
    bytes: sum(things, [...owners.keys()]),
    reclaimable: sum(
      things,
      [...owners.keys()].filter((name) => !staying.has(name)),
    ),
  };
}

function usage(
  { name, target, createdAt }: ImageRecord,
  bytes: number,
  sharedBytes: number,
  containers: readonly string[],
): ImageUsage {
  return { name, digest: target.digest, created: createdAt, bytes, sharedBytes, containers };
}

async function volumes(
  context: RuntimeContext,
  records: readonly ContainerRecord[],
  options: Options,
): Promise<VolumeUsage[]> {
  const usages: VolumeUsage[] = [];
  for (const name of await context.volumes.list()) {
    const containers = records.filter((record) => volumesOf(record).includes(name)).map((record) => record.name);
    usages.push({ name, bytes: await folderBytes(context.volumes.directoryOf(name), options), containers });
  }
  return usages;
}

function sum(things: ReadonlyMap<string, Stored>, names: readonly string[]): number {
  return names.reduce((total, name) => total + (things.get(name)?.bytes ?? 0), 0);
}
