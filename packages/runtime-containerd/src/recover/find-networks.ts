import { canRecoverNetworks, RuntimeError } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import { isUnknown } from "./is-unknown.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";

/**
 * What the network manager itself finds undone, and what it has recorded for containers of this namespace that there are
 * none of. Other namespaces' networks are only touched as far as their own records say that nobody finishes them.
 */
export async function findNetworks(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const { network } = context;
  if (!canRecoverNetworks(network)) return [];
  const { undone } = await network.recover({ ...options, dryRun: true });
  const unfinished = undone.map((containerId): Finding => ({
    kind: "network",
    subject: containerId,
    meaning: "begun and not finished, or left by an earlier boot",
    mend: async (call) => {
      const { failed } = await network.recover(call);
      const own = failed.find((failure) => failure.containerId === containerId);
      if (own !== undefined) throw new RuntimeError("NETWORK_TEARDOWN_FAILED", own.message);
    },
  }));
  const findings: Finding[] = [];
  for (const { containerId } of await network.list(options)) {
    const id = ownId(context, containerId);
    if (id === undefined || undone.includes(containerId) || !(await isUnknown(context, id, options))) continue;
    findings.push({
      kind: "network",
      subject: containerId,
      meaning: "its container is gone",
      mend: async (call) => {
        if (await isUnknown(context, id, call)) await network.detach(containerId, call);
      },
    });
  }
  return [...unfinished, ...findings];
}

/** The container's id in this namespace; undefined for another namespace's, or another program's. */
function ownId(context: RuntimeContext, containerId: string): string | undefined {
  const id = containerId.slice(hostId(context, "").length);
  return isOwnId(id) && hostId(context, id) === containerId ? id : undefined;
}
