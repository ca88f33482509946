import { join } from "node:path";
import type { DiskUsageReport, LooseUsage } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import { snapshotKey } from "../image/disk-usage.js";
import { findLogs } from "../recover/find-logs.js";
import { isOwnId } from "../recover/is-own-id.js";
import { isUnknown } from "../recover/is-unknown.js";
import { allLeaseResources } from "../recover/lease-resources.js";
import { folderBytes } from "./folder-bytes.js";

type Options = { signal?: AbortSignal };

/** What is kept from being collected by somebody who is at work, by the names of the stored things. */
export async function heldByLeases(context: RuntimeContext, options: Options): Promise<string[]> {
  const held: string[] = [];
  for (const { type, id } of await allLeaseResources(context, options)) {
    if (type === "content") held.push(id);
    if (type === `snapshots/${context.snapshotter}`) held.push(snapshotKey(id));
  }
  return held;
}

/** What is half written. */
export async function ingests({ client }: RuntimeContext, options: Options): Promise<LooseUsage[]> {
  const { statuses } = await client.content.listStatuses({}, options);
  return statuses.map(({ ref, offset }) => ({
    kind: "ingest",
    subject: ref,
    bytes: Number(offset),
    meaning: "half written",
  }));
}

/** Files of ours that belong to no container and are no volume. */
export async function looseFiles(
  context: RuntimeContext,
  options: Options,
): Promise<Pick<DiskUsageReport, "cache" | "orphans">> {
  const cache: LooseUsage[] = [];
  const orphans: LooseUsage[] = [];
  const own = hostId(context, "");
  for (const name of await context.host.files.list(context.stateDir)) {
    const path = join(context.stateDir, name);
    const id = name.startsWith(own) ? name.slice(own.length) : "";
    // Volumes are counted for themselves, and other namespaces' containers are none of ours.
    if (name === "volumes" || (!isOwnId(id) && isOwnId(name.slice(name.lastIndexOf("-") + 1)))) continue;
    const files = async (meaning: string): Promise<LooseUsage> => ({
      kind: "files",
      subject: path,
      bytes: await folderBytes(path, options),
      meaning,
    });
    if (!isOwnId(id)) cache.push(await files("kept by the runtime itself"));
    else if (await isUnknown(context, id, options)) orphans.push(await files("its container is gone"));
  }
  for (const { subject, meaning } of await findLogs(context, options)) {
    orphans.push({ kind: "log", subject, bytes: await folderBytes(subject, options), meaning });
  }
  return { cache, orphans };
}
