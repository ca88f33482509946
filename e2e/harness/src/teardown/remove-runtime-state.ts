import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeIfEmpty } from "./remove-if-empty.js";
import { orIfAbsent } from "../process/error-code.js";

/** Folders that containerd's shims use whichever daemon they belong to: no setting of the daemon moves them. */
export const SHIM_SOCKETS = "/run/containerd/s";
export const RUNC_ROOTS = "/run/containerd/runc";

/** The bundles below a daemon's state folder: `<state>/io.containerd.runtime.v2.task/<namespace>/<id>`. */
export async function listBundles(stateOrRoot: string): Promise<string[]> {
  const tasks = join(stateOrRoot, "io.containerd.runtime.v2.task");
  const namespaces = await orIfAbsent(readdir(tasks), []);
  const found = await Promise.all(
    namespaces.map(async (namespace) =>
      (await orIfAbsent(readdir(join(tasks, namespace)), [])).map((id) => join(tasks, namespace, id)),
    ),
  );
  return found.flat();
}

/** runc's own folders of containers whose bundle lies in the given folder: `/run/containerd/runc/<namespace>/<id>`. */
export async function listRuncStates(directory: string): Promise<string[]> {
  const namespaces = await orIfAbsent(readdir(RUNC_ROOTS), []);
  const candidates = await Promise.all(
    namespaces.map(async (namespace) =>
      (await orIfAbsent(readdir(join(RUNC_ROOTS, namespace)), [])).map((id) => join(RUNC_ROOTS, namespace, id)),
    ),
  );
  const states = await Promise.all(
    candidates
      .flat()
      .map(async (folder) =>
        (await orIfAbsent(readFile(join(folder, "state.json"), "utf8"), "")).includes(`${directory}/`) ? [folder] : [],
      ),
  );
  return states.flat();
}

/** Removes what shims and runc of a private host keep outside its folder: sockets and runc's state. */
export async function removeRuntimeState(directory: string, state: string): Promise<void> {
  for (const bundle of await listBundles(state)) {
    const address = await orIfAbsent(readFile(join(bundle, "address"), "utf8"), "");
    const socket = address.trim().replace(/^unix:\/\//u, "");
    if (socket.startsWith(`${SHIM_SOCKETS}/`) && !socket.includes("..")) await rm(socket, { force: true });
  }
  for (const folder of await listRuncStates(directory)) await rm(folder, { recursive: true, force: true });
  for (const namespace of await orIfAbsent(readdir(RUNC_ROOTS), [])) await removeIfEmpty(join(RUNC_ROOTS, namespace));
}
