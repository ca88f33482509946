import type { RuntimeContext } from "../context.js";
import { startBounded } from "../concurrency/bounded.js";
import { snapshotKey, snapshotSize } from "../image/disk-usage.js";

type Options = { signal?: AbortSignal };

/** Snapshots whose size is asked for at the same time: for an active one the daemon walks through its files. */
const PARALLEL = 8;
const CONTENT_REF = "containerd.io/gc.ref.content";
const SNAPSHOT_REF = "containerd.io/gc.ref.snapshot.";

/** A blob or a snapshot. */
export interface Stored {
  readonly kind: "blob" | "layer";
  /** The digest or the key. */
  readonly subject: string;
  readonly bytes: number;
  /** What it keeps from being collected, by their names here. */
  readonly keeps: readonly string[];
}

/** Every blob and snapshot of the namespace, by name: a blob's is its digest, a snapshot's as {@link snapshotKey}. */
export async function storedThings(context: RuntimeContext, options: Options): Promise<ReadonlyMap<string, Stored>> {
  const { client, snapshotter } = context;
  const things = new Map<string, Stored>();
  for await (const { info } of client.content.list({}, options)) {
    for (const { digest, size, labels } of info) {
      things.set(digest, { kind: "blob", subject: digest, bytes: Number(size), keeps: keptBy(labels, snapshotter) });
    }
  }
  const snapshots: { readonly key: string; readonly keeps: readonly string[] }[] = [];
  for await (const { info } of client.snapshots.list({ snapshotter }, options)) {
    for (const { name, parent, labels } of info) {
      const keeps = [...keptBy(labels, snapshotter), ...(parent === "" ? [] : [snapshotKey(parent)])];
      snapshots.push({ key: name, keeps });
    }
  }
  await Promise.all(
    startBounded(snapshots, PARALLEL, async ({ key, keeps }) => {
      // One that has gone meanwhile takes nothing.
      const bytes = (await snapshotSize(context, key, options)) ?? 0;
      things.set(snapshotKey(key), { kind: "layer", subject: key, bytes, keeps });
    }),
  );
  return things;
}

/** What can be got to from there, as containerd's collector goes (its `docs/garbage-collection.md`). */
export function reachable(things: ReadonlyMap<string, Stored>, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const thing = things.get(name);
    if (thing === undefined || seen.has(name)) continue;
    seen.add(name);
    open.push(...thing.keeps);
  }
  return seen;
}

/** What labels keep from being collected, by their names here; of snapshots those of this snapshotter. */
export function keptBy(labels: Readonly<Record<string, string>>, snapshotter: string): string[] {
  const snapshotRef = `${SNAPSHOT_REF}${snapshotter}`;
  return Object.entries(labels).flatMap(([key, value]) => {
    if (isOrIsBelow(key, CONTENT_REF)) return [value];
    return isOrIsBelow(key, snapshotRef) ? [snapshotKey(value)] : [];
  });
}

/** Labels that say the same several times have something after the name. */
function isOrIsBelow(key: string, name: string): boolean {
  return key === name || key.startsWith(`${name}.`) || key.startsWith(`${name}/`);
}
