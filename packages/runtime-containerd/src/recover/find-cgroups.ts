import { basename, dirname, join } from "node:path";
import type { RuntimeContext } from "../context.js";
import { removeCgroups } from "../host/cgroups.js";
import { listShims } from "../host/list-shims.js";
import { cgroupFolder } from "../spec/cgroup-path.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";
import { isUnknown } from "./is-unknown.js";

/** Stands for an id in a path. */
const SOME_ID = "0".repeat(64);

/**
 * Control groups of containers that there are none of, where they are by default. Every group of a container that lives,
 * whoever's it is, has a shim: one without any, on the whole machine, is left from a task that has died.
 */
export async function findCgroups(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const id of await idsWithGroups(context)) {
    if (!(await isDead(context, id, options))) continue;
    const path = groupOf(context, id);
    findings.push({
      kind: "cgroup",
      subject: path,
      meaning: "its container is gone",
      mend: async (call) => {
        if (await isDead(context, id, call)) await removeCgroups(context.host.facts.cgroupRoots, path, call);
      },
    });
  }
  return findings;
}

async function isDead(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  return !listShims().some((shim) => shim.id === id) && (await isUnknown(context, id, options));
}

async function idsWithGroups(context: RuntimeContext): Promise<ReadonlySet<string>> {
  const sample = groupOf(context, SOME_ID);
  const [before = "", after = ""] = basename(sample).split(SOME_ID);
  const ids = new Set<string>();
  for (const root of context.host.facts.cgroupRoots) {
    for (const entry of await context.host.files.list(join(root, dirname(sample)))) {
      const id = entry.slice(before.length, entry.length - after.length);
      if (isOwnId(id) && entry === `${before}${id}${after}`) ids.add(id);
    }
  }
  return ids;
}

function groupOf({ cgroupDriver, namespace }: RuntimeContext, id: string): string {
  return cgroupFolder({ driver: cgroupDriver, namespace, id });
}
