import { join } from "node:path";
import type { RuntimeContext } from "../context.js";
import { stateDirectory } from "../run/name-files.js";

function markPath(context: RuntimeContext, id: string): string {
  return join(stateDirectory(context, id), "restarting");
}

/** Says, for whoever follows the container's log, that its next end will not be the last. */
export async function markedAsRestarting<T>(
  context: RuntimeContext,
  id: string,
  restart: () => Promise<T>,
): Promise<T> {
  const { files } = context.host;
  await files.makePrivateDirectory(stateDirectory(context, id));
  await files.writeInPlace(markPath(context, id), "", 0o600);
  try {
    return await restart();
  } finally {
    await files.remove(markPath(context, id));
  }
}

/** Whether its owner is just restarting the container: what looks like its end is none. */
export function isRestarting(context: RuntimeContext, id: string): Promise<boolean> {
  return context.host.files.exists(markPath(context, id));
}
