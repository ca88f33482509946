import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { ifAlive } from "./if-alive.js";
import type { ShimProcess } from "./list-shims.js";
import { SOCKET_FOLDER, shimSocketPath } from "./shim-socket.js";

/**
 * Whether a shim serves the containers of a group, and not only the one that it is named after. The one listens where the
 * group's name leads, the other where the container's id does (containerd `pkg/shim`, `SocketAddress`).
 */
export function isShared({ pid, address, namespace, id }: ShimProcess, proc = "/proc"): boolean {
  const own = shimSocketPath(address, namespace, id);
  return socketsOf(pid, proc).some((path) => path.startsWith(`${SOCKET_FOLDER}/`) && path !== own);
}

/** The paths of the unix sockets that a process has open: its own name space has its own list of them. */
function socketsOf(pid: number, proc: string): readonly string[] {
  const folder = join(proc, String(pid));
  const inodes = new Set(
    ifAlive(() => readdirSync(join(folder, "fd")), []).flatMap((fd) => {
      const link = ifAlive(() => readlinkSync(join(folder, "fd", fd)), "");
      return /^socket:\[([0-9]+)\]$/.exec(link)?.slice(1) ?? [];
    }),
  );
  const list = ifAlive(() => readFileSync(join(folder, "net", "unix"), "utf8"), "");
  // Num RefCount Protocol Flags Type St Inode Path: see unix(7) and net/unix/af_unix.c.
  return list.split("\n").flatMap((line) => {
    const [, , , , , , inode = "", path] = line.trim().split(/\s+/);
    return path !== undefined && inodes.has(inode) ? [path] : [];
  });
}
