import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { hasCode } from "./file-store.js";

/** Where shims listen, whatever the daemon's state folder is (containerd `pkg/shim`, `SocketAddress`). */
export const SOCKET_FOLDER = "/run/containerd/s";

/**
 * Removes the socket of a container's shim when nobody listens on it any more: a shim that was killed leaves it, and no
 * daemon looks for it. Absent is success.
 */
export async function removeDeadShimSocket(address: string, namespace: string, id: string): Promise<void> {
  const path = shimSocketPath(address, namespace, id);
  if (await isDead(path)) await rm(path, { force: true });
}

export function shimSocketPath(address: string, namespace: string, id: string): string {
  return join(
    SOCKET_FOLDER,
    createHash("sha256")
      .update(join(address, namespace, id))
      .digest("hex"),
  );
}

function isDead(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error) => {
      if (hasCode(error, "ECONNREFUSED")) resolve(true);
      else if (hasCode(error, "ENOENT")) resolve(false);
      else reject(error);
    });
  });
}
