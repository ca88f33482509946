import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";
import { MemoryProcess } from "./memory-process.js";

/** Starts a container's process, for the first time or once more. Its end is told when it comes. */
export function startProcess(host: MemoryHost, container: MemoryContainer): void {
  const { stdout, stderr, command } = container;
  if (command === undefined) throw new Error(`container ${container.name} has no command yet`);
  const process = new MemoryProcess({ ...command, pid: host.nextPid(), clock: host.clock, stdout, stderr });
  container.start(process, () => host.clock.now());
  void container.exited.then((exit) => {
    if (exit !== undefined) host.tell(container, "die", { exitCode: exit.exitCode });
  });
}
