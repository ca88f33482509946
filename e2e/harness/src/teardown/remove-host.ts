import { readFile, rm } from "node:fs/promises";
import { containersInLog } from "../host/containers-in-log.js";
import { hostPaths } from "../host/host-paths.js";
import { unmountBelow } from "../mounts/unmount-below.js";
import type { HostNetwork } from "../netfilter/own-rules.js";
import { type Execute, execute } from "../process/execute.js";
import { orIfAbsent } from "../process/error-code.js";
import { removeCgroupsOf } from "./remove-cgroups.js";
import { removeNetwork } from "./remove-network.js";
import { removeProcesses } from "./remove-processes.js";
import { removeRuntimeState } from "./remove-runtime-state.js";

/**
 * Removes a private host, whatever state it is in: processes, cgroups, rules and links of its network, mounts, and its
 * folder. Goes on past errors and throws them together at the end; the folder stays then, so that it can be tried again.
 */
export async function removeHost(
  directory: string,
  network: HostNetwork | undefined,
  run: Execute = execute,
): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(removeProcesses(directory));
  await attempt(removeRuntimeState(directory, hostPaths(directory).state));
  await attempt(
    orIfAbsent(readFile(hostPaths(directory).logFile, "utf8"), "").then((log) => removeCgroupsOf(containersInLog(log))),
  );
  if (network !== undefined) await attempt(removeNetwork(network, run));
  await attempt(unmountBelow(directory, run));
  if (errors.length === 0) await attempt(rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${directory} could not be removed completely`);
}
