import type { Lease } from "@voiyd/containerd-client";
import { isContainerName } from "@voiyd/runtime-api";
import { readRecord } from "../container/container-store.js";
import { LABEL } from "../container/label-names.js";
import { freeIfAbandoned, isAbandoned, NAME_LEASES } from "../container/name-lock.js";
import type { RuntimeContext } from "../context.js";
import { logPaths } from "../io/log-paths.js";
import { moveLogFiles } from "../lifecycle/keep-log-files.js";
import { moveRegistration } from "../log/task-output.js";
import { removeAbandoned } from "../remove/remove-container.js";
import type { Finding, Options } from "./finder.js";

/** Names that were reserved for a container that never came to be, or that has another name by now. */
export async function findNames(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const { leases } = await context.client.leases.list({}, options);
  const findings: Finding[] = [];
  for (const lease of leases) {
    const name = nameOf(lease);
    if (name === undefined || !(await isLeft(context, name, lease, options))) continue;
    findings.push(finding(context, name, lease.labels[LABEL.id] ?? ""));
  }
  return findings;
}

/** The name that a lease reserves; undefined for any other lease. */
export function nameOf({ id }: Lease): string | undefined {
  const name = id.startsWith(NAME_LEASES) ? id.slice(NAME_LEASES.length) : "";
  return isContainerName(name) ? name : undefined;
}

/** The name of a container that somebody is removing just now goes with it. */
async function isLeft(context: RuntimeContext, name: string, lease: Lease, options: Options): Promise<boolean> {
  const owner = lease.labels[LABEL.id] ?? "";
  if (context.removing.has(owner)) return false;
  const record = await readRecord(context, owner, options);
  return (record === undefined || record.name !== name) && (await isAbandoned(context, name, lease, options));
}

function finding(context: RuntimeContext, name: string, owner: string): Finding {
  return {
    kind: "name",
    subject: name,
    meaning: "reserved by a process that died, for a container that there is none of",
    mend: async (options) => {
      await followRename(context, name, owner, options);
      const remove = (id: string): Promise<void> => removeAbandoned(context, { id, name }, options);
      await freeIfAbandoned(context, name, remove, options);
    },
  };
}

/** The logs of a container that has another name by now, whose change of name was interrupted. */
async function followRename(context: RuntimeContext, name: string, owner: string, options: Options): Promise<void> {
  const record = await readRecord(context, owner, options);
  if (record === undefined || record.name === name) return;
  // Where it has new ones, these are what is shown; the old ones go with the old name.
  if (await context.host.files.exists(logPaths(context.logDirFmt, record.name).directory)) return;
  await moveLogFiles(context, name, record.name);
  await moveRegistration(context, owner, record.name);
}
