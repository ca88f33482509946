import { dirname } from "node:path";
import { isContainerName } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import type { Host } from "../host/host.js";
import { logPaths } from "./log-paths.js";

/** The names of which there is a folder as we make it, or an empty one for it, in whatever namespace. */
export async function namesWithLogs(context: Pick<RuntimeContext, "host" | "logDirFmt">): Promise<readonly string[]> {
  const { files } = context.host;
  const parts = context.logDirFmt.split("/");
  const at = parts.findIndex((part) => part.includes("%s"));
  const [before = "", after = ""] = (parts[at] ?? "").split("%s");
  const names: string[] = [];
  for (const entry of await files.list(parts.slice(0, at).join("/"))) {
    if (!entry.startsWith(before) || !entry.endsWith(after)) continue;
    const name = entry.slice(before.length, entry.length - after.length);
    if (!isContainerName(name)) continue;
    const { directory } = logPaths(context.logDirFmt, name);
    if ((await files.exists(directory)) || (await isEmptyFolder(context.host, context, dirname(directory))))
      names.push(name);
  }
  return names;
}

/** Where each name has a folder of its own, around that of its logs: it is made first, and removed last. */
async function isEmptyFolder(
  { files }: Host,
  { logDirFmt }: Pick<RuntimeContext, "logDirFmt">,
  folder: string,
): Promise<boolean> {
  // A file is none, whose list is as empty.
  return (
    dirname(logDirFmt).includes("%s") && (await files.exists(`${folder}/.`)) && (await files.list(folder)).length === 0
  );
}
