import type { RuntimeContext } from "../context.js";
import { listShims } from "../host/list-shims.js";
import { withContainer } from "../lifecycle/container-lock.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";
import { isUnknown } from "./is-unknown.js";
import { rests } from "./rests.js";

/**
 * Folders that containerd keeps for tasks, of tasks that there are none of: the daemon died while it made or removed one.
 * Those of tasks that this daemon makes are younger than it is, and all others have shims.
 */
export async function findBundles(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const id of await context.taskFolders.ids(options)) {
    if (!isOwnId(id)) continue;
    const owner = await ownerOf(context, id, options);
    if (owner === "somebody") continue;
    findings.push({
      kind: "bundle",
      subject: id,
      meaning: "the daemon died while it made or removed the task",
      mend: async (call) => {
        const remove = async (): Promise<void> => {
          if ((await ownerOf(context, id, call)) === owner) await context.taskFolders.remove(id, call);
        };
        await (owner === "nobody" ? remove() : withContainer(context, id, call, remove));
      },
    });
  }
  return findings;
}

/** Whose a task's folders are. A container of ours that rests has no use of them; its next task would not be made. */
async function ownerOf(
  context: RuntimeContext,
  id: string,
  options: Options,
): Promise<"nobody" | "resting container" | "somebody"> {
  if (listShims().some((shim) => shim.id === id)) return "somebody";
  if (await isUnknown(context, id, options)) return "nobody";
  return (await rests(context, id, options)) ? "resting container" : "somebody";
}
