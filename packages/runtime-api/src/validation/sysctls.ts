import type { ContainerConfig } from "../container.js";
import { invalid } from "./invalid.js";

/** `namespaces(7)`: the settings of an IPC namespace. Those of a network namespace are all below `net.`. */
const IPC_SYSCTLS: ReadonlySet<string> = new Set([
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
]);
const NAME = /^[a-zA-Z0-9_-]+(?:[./][a-zA-Z0-9_*-]+)+$/;

/**
 * Throws `INVALID_ARGUMENT` for kernel settings that are not of a namespace of the container's own: they would be the
 * host's, or another container's.
 */
export function assertSysctls(config: ContainerConfig): void {
  const { ipc = "private" } = config.namespaces ?? {};
  const sharesNetwork = config.network === "host" || config.network?.startsWith("container:") === true;
  const hasUsers = (config.namespaces?.user ?? "host") !== "host";
  const sharesIpc = ipc === "host" || ipc.startsWith("container:");
  for (const [name, value] of Object.entries(config.sysctls ?? {})) {
    const option = `sysctls[${JSON.stringify(name).slice(1, -1)}]`;
    if (!NAME.test(name)) throw invalid("sysctls", name, "keyed by names such as net.core.somaxconn");
    if (typeof value !== "string" || /[\0\n]/.test(value)) throw invalid(option, value, "a string of one line");
    const plain = name.replaceAll("/", ".");
    if (plain.startsWith("net.")) {
      if (sharesNetwork)
        throw invalid(option, value, `left out with network "${config.network ?? ""}", whose setting it would be`);
      // Such a network is set up before the container, and belongs to the host's user namespace.
      if (hasUsers && config.network !== "none")
        throw invalid(option, value, 'left out with namespaces.user, unless the network is "none"');
    } else if (IPC_SYSCTLS.has(plain) || plain.startsWith("fs.mqueue.")) {
      if (sharesIpc) throw invalid(option, value, `left out with namespaces.ipc "${ipc}", whose setting it would be`);
    } else {
      throw invalid(option, value, "a setting of a namespace: net.*, fs.mqueue.* or one of System V IPC");
    }
  }
}
