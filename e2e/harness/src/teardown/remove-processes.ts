import { basename } from "node:path";
import { endProcess, signalProcess } from "../process/end-process.js";
import { helpersOf } from "../inventory/shims.js";
import { descendantsOf, listProcesses, type ProcessEntry } from "../process/process-table.js";
import { cgroupsOf, removeCgroups, thaw } from "./remove-cgroups.js";
import { fifosOf, removeFifos } from "./remove-fifos.js";

const OUR_PROGRAMS = /^(?:containerd|containerd-shim.*|docker-registry|registry|ctr)$/u;

/** The programs in a process table that were started with a path in this folder, as containerd, shims and registries are. */
export function processesOf(directory: string, table: readonly ProcessEntry[]): ProcessEntry[] {
  return table.filter(
    ({ commandLine: [program, ...args] }) =>
      program !== undefined &&
      OUR_PROGRAMS.test(basename(program)) &&
      args.some((arg) => arg.includes(`${directory}/`)),
  );
}

/**
 * Ends the daemon, the runtime's own processes, the shims and the containers of a private host's folder, and removes the cgroups they were in.
 * The daemon gets time to end in order; shims and containers do not.
 */
export async function removeProcesses(directory: string): Promise<void> {
  const isDaemon = (entry: ProcessEntry): boolean =>
    !basename(entry.commandLine[0] ?? "").startsWith("containerd-shim");
  // The daemon first: it would report, and could start again, what ends below it.
  await Promise.all(
    processesOf(directory, listProcesses())
      .filter(isDaemon)
      .map((entry) => endProcess(entry, 5_000)),
  );
  const table = listProcesses();
  // They end by themselves when their folder is gone, but may be at work in it until then.
  await Promise.all(helpersOf(directory, table).map((entry) => endProcess(entry, 1_000)));
  const shims = processesOf(directory, table);
  const containers = descendantsOf(
    shims.map((shim) => shim.pid),
    table,
  ).filter((entry) => entry.state !== "Z");
  const cgroups = [...new Set((await Promise.all(containers.map((entry) => cgroupsOf(entry.pid)))).flat())];
  const fifos = await fifosOf(shims.map((shim) => shim.pid));
  await Promise.all(shims.map((shim) => signalProcess(shim, "SIGSTOP"))); // so that they start nothing more
  await Promise.all(cgroups.map(thaw));
  await Promise.all(containers.map((entry) => signalProcess(entry, "SIGKILL")));
  await Promise.all(shims.map((shim) => endProcess(shim, 0)));
  await Promise.all(containers.map((entry) => endProcess(entry, 0)));
  await removeCgroups(cgroups);
  await removeFifos(fifos);
}
