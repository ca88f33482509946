import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { type ExecKey, readExec } from "./exec-state.js";

type Options = { signal?: AbortSignal };

/** A group that goes on making processes faster than they are ended is somebody else's problem after so many rounds. */
const ROUNDS = 50;

/**
 * Ends a further process with all that it started: what belongs to its process group or its session, and to its container.
 * The runtime makes it the leader of both (`setsid(2)`), so that its id is theirs.
 */
export async function endGroup(context: RuntimeContext, key: ExecKey, pid: number, options: Options): Promise<void> {
  await killLeader(context, key, options);
  if (pid <= 0) return;
  for (let round = 0; round < ROUNDS; round++) {
    const members = await groupMembers(context, key.containerId, pid, options);
    if (members.length === 0) return;
    for (const member of members) kill(member);
  }
  context.logger.warn("processes of an ended exec live on", { container: key.containerId, exec: key.execId });
}

async function killLeader(context: RuntimeContext, key: ExecKey, options: Options): Promise<void> {
  try {
    await context.client.tasks.kill({ ...key, signal: 9 }, options);
  } catch (error) {
    // Never started, or ended already; the group may live on all the same.
    if (!isContainerdError(error) || error.connection) throw error;
  }
}

/** Asked of the container's own processes alone: an id that the host has given out again cannot be among them. */
async function groupMembers(
  context: RuntimeContext,
  containerId: string,
  group: number,
  options: Options,
): Promise<readonly number[]> {
  let pids: readonly number[];
  try {
    pids = (await context.client.tasks.listPids({ containerId }, options)).processes.map(({ pid }) => pid);
  } catch (error) {
    if (!isContainerdError(error) || error.connection) throw error;
    return [];
  }
  const found = await Promise.all(pids.map(async (pid) => ((await isMember(context, pid, group)) ? pid : undefined)));
  return found.filter((pid) => pid !== undefined);
}

/** Fields 3, 5 and 6 of `proc_pid_stat(5)`. Whoever is dead already and only waits to be buried does not count. */
async function isMember(context: RuntimeContext, pid: number, group: number): Promise<boolean> {
  try {
    const stat = await context.host.files.read(`/proc/${String(pid)}/stat`);
    const [state, , processGroup, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state !== "Z" && (processGroup === String(group) || session === String(group));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return false;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

/** Ends a process whose start failed or was aborted, as far as it came, and has the shim forget it. */
export async function undoExec(context: RuntimeContext, key: ExecKey, options: Options): Promise<void> {
  const { pid } = await readExec(context, key, options);
  await endGroup(context, key, pid, options);
  await forgetExec(context, key, options);
}

/** Has the shim forget a process that has ended: what is not deleted costs it memory until the container's end. */
export async function forgetExec(context: RuntimeContext, key: ExecKey, options: Options): Promise<void> {
  try {
    await context.client.tasks.deleteProcess({ ...key }, options);
  } catch (error) {
    // Gone with its container, or never there.
    if (!isContainerdError(error) || error.connection) throw error;
  }
}
