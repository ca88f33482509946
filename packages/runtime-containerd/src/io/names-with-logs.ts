import { isContainerName } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { logPaths } from "./log-paths.js";

/** The names of which there is a folder as we make it, in whatever namespace. */
export async function namesWithLogs(context: Pick<RuntimeContext, "host" | "logDirFmt">): Promise<readonly string[]> {
  const { files } = context.host;
  const parts = context.logDirFmt.split("/");
  const at = parts.findIndex((part) => part.includes("%s"));
  const [before = "", after = ""] = (parts[at] ?? "").split("%s");
  const names: string[] = [];
  for (const entry of await files.list(parts.slice(0, at).join("/"))) {
    if (!entry.startsWith(before) || !entry.endsWith(after)) continue;
    const name = entry.slice(before.length, entry.length - after.length);
    if (isContainerName(name) && (await files.exists(logPaths(context.logDirFmt, name).directory))) names.push(name);
  }
  return names;
}
