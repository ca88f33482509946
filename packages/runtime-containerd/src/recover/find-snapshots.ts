import { randomUUID } from "node:crypto";
import { isContainerdError, SnapshotKind } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";
import { allLeaseResources } from "./lease-resources.js";

/**
 * Snapshots that nothing refers to: no container, no lease. Containerd would take them with its next collection, which on
 * an idle daemon never comes; so they are not removed but collected, and whatever is held by something we have not seen
 * stays.
 */
export async function findSnapshots(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const { client, snapshotter } = context;
  const keys: string[] = [];
  for await (const { info } of client.snapshots.list({ snapshotter }, options)) {
    for (const { name, kind } of info) {
      if (kind !== SnapshotKind.COMMITTED && (isOwnId(name) || name.startsWith("extract-"))) keys.push(name);
    }
  }
  if (keys.length === 0) return [];
  const held = await heldKeys(context, options);
  return keys
    .filter((key) => !held.has(key))
    .map((key) => ({
      kind: "snapshot",
      subject: key,
      meaning: "nothing refers to it any more",
      mend: async (call) => {
        await collectGarbage(context, call);
        if (await exists(context, key, call)) {
          throw new RuntimeError("FAILED_PRECONDITION", `snapshot ${key}: something still holds it`);
        }
      },
    }));
}

async function heldKeys(context: RuntimeContext, options: Options): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for await (const { container } of context.client.containers.listStream({}, options))
    held.add(container?.snapshotKey ?? "");
  for (const { type, id } of await allLeaseResources(context, options)) if (type.startsWith("snapshots/")) held.add(id);
  return held;
}

/** A lease that is deleted synchronously has the daemon collect at once. */
async function collectGarbage({ client }: RuntimeContext, options: Options): Promise<void> {
  const id = `voiyd/collect/${randomUUID()}`;
  await client.leases.create({ id }, options);
  await client.leases.delete({ id, sync: true }, options);
}

async function exists({ client, snapshotter }: RuntimeContext, key: string, options: Options): Promise<boolean> {
  try {
    await client.snapshots.stat({ snapshotter, key }, options);
    return true;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return false;
    throw error;
  }
}
