import { isContainerdError } from "@voiyd/containerd-client";
import { createStubRecord } from "../container/container-store.js";
import { hostId, type RuntimeContext } from "../context.js";
import { listShims } from "../host/list-shims.js";
import { removeContainer } from "../remove/remove-container.js";
import { stateDirectory } from "../run/name-files.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";
import { isUnknown } from "./is-unknown.js";

/**
 * What is left of containers whose record is gone, found by the folder that each of ours has in the state folder: its
 * task and shim with it, which would run for ever.
 */
export async function findRemains(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const prefix = hostId(context, "");
  const names = await context.host.files.list(context.stateDir);
  const ids = names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])).filter(isOwnId);
  const findings: Finding[] = [];
  for (const id of ids) {
    if (!(await isUnknown(context, id, options))) continue;
    const shim = hasShim(context, id);
    findings.push({
      kind: shim ? "task" : "files",
      subject: shim ? id : stateDirectory(context, id),
      meaning: shim ? "it runs on without a record of its container" : "its container is gone",
      mend: async (call) => {
        if (!(await isUnknown(context, id, call))) return;
        // Adopted: without a record containerd would not let the task be ended.
        if (hasShim(context, id)) await adopt(context, id, call);
        await removeContainer(context, { id }, call);
      },
    });
  }
  return findings;
}

function hasShim({ client, namespace }: RuntimeContext, id: string): boolean {
  return listShims().some((shim) => shim.id === id && shim.namespace === namespace && shim.address === client.address);
}

async function adopt(context: RuntimeContext, id: string, options: Options): Promise<void> {
  try {
    await createStubRecord(context, id, options);
  } catch (error) {
    if (!isContainerdError(error, "already_exists")) throw error;
  }
}
