import { access } from "node:fs/promises";
import { join } from "node:path";

/** Where distributions put the CNI plugins. */
const CANDIDATES = ["/opt/cni/bin", "/usr/local/libexec/cni", "/usr/local/lib/cni", "/usr/libexec/cni", "/usr/lib/cni"];

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * The folders of this machine that hold CNI plugins, in the order in which they are searched. `VOIYD_HARNESS_PLUGINS`
 * names a folder that takes their place, for tests against other plugins than the installed ones.
 */
export async function cniPluginDirectories(): Promise<string[]> {
  const instead = process.env["VOIYD_HARNESS_PLUGINS"];
  if (instead !== undefined) return [instead];
  const found = await Promise.all(CANDIDATES.map((folder) => exists(join(folder, "bridge"))));
  return CANDIDATES.filter((_, index) => found[index] === true);
}
