import type { AttachmentRecord } from "../record/attachment-record.js";
import type { ManagerParts } from "./parts.js";

/**
 * The path of the record's namespace if it is still that very namespace, or an empty text. A path alone proves nothing:
 * it may be a plain file by now, another namespace, or the host's, in which a plugin would delete the host's interface
 * of the same name.
 */
export async function guardedNamespace(
  { namespaces, host }: Pick<ManagerParts, "namespaces" | "host">,
  { netns = "", state }: AttachmentRecord,
): Promise<string> {
  if (netns === "") return "";
  const { mounted, identity } = await namespaces.inspect(netns);
  if (!mounted || identity === (await host.ownNamespace())) return "";
  // A process's namespace is another one's once the pid is, and no other program records which it was.
  if (state === undefined) return isOfProcess(netns) ? "" : netns;
  return state.bootId === (await host.bootId()) && state.namespaceInode === identity ? netns : "";
}

function isOfProcess(path: string): boolean {
  return /^\/proc\/\d+\//.test(path);
}
