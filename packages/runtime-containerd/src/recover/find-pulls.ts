import { isContainerdError } from "@voiyd/containerd-client";
import { LABEL } from "../container/label-names.js";
import type { RuntimeContext } from "../context.js";
import { PULL_LEASES } from "../image/pull-lease.js";
import type { Finding, Options } from "./finder.js";
import { leaseResources } from "./lease-resources.js";

/** Leases of pulls whose process has died, with what was half written under them. */
export async function findPulls(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const { client, host } = context;
  const { leases } = await client.leases.list({}, options);
  const dead = leases.filter(
    ({ id, labels }) => id.startsWith(PULL_LEASES) && !host.processes.isAlive(labels[LABEL.instance] ?? ""),
  );
  const findings: Finding[] = [];
  for (const { id } of dead) {
    for (const ref of await ingestsOf(context, id, options)) {
      findings.push({
        kind: "ingest",
        subject: ref,
        meaning: "half written by a pull whose process died",
        mend: (call) => absentIsFine(client.content.abort({ ref }, call)),
      });
    }
    findings.push({
      kind: "lease",
      subject: id,
      meaning: "of a pull whose process died",
      // In one step with a collection, which takes what only this lease held.
      mend: (call) => absentIsFine(client.leases.delete({ id, sync: true }, call)),
    });
  }
  return findings;
}

/** By their references; containerd keeps them with the namespace in front. */
async function ingestsOf(context: RuntimeContext, id: string, options: Options): Promise<readonly string[]> {
  const resources = await leaseResources(context, id, options);
  return resources.filter(({ type }) => type === "ingests").map((resource) => resource.id);
}

async function absentIsFine(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
  }
}
