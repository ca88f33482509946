import { type ContainerConfig, type ID, invalid, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { getRecord } from "../container/lookup.js";
import type { RuntimeContext } from "../context.js";
import { sharedMemoryPath } from "./shared-memory.js";
import { hostnameOf } from "../spec/hostname.js";
import type { JoinedNamespaces } from "../spec/namespaces.js";
import { readTask } from "../task/task-state.js";

type Options = { signal?: AbortSignal };

/** What a container gets of the containers whose namespaces it joins. */
export interface Joined {
  readonly namespaces: JoinedNamespaces;
  /** The host's folder that becomes `/dev/shm`. */
  readonly shm?: string;
  /** The namespace file of the network. */
  readonly network?: string;
  /** Whose host name, hosts file and name servers it shares. */
  readonly names?: { readonly id: ID; readonly hostname: string };
}

const PREFIX = "container:";
/** Containers may share the network of one that shares another's. */
const LONGEST_CHAIN = 16;

/** Throws `INVALID_ARGUMENT` for a container that is not there, and `FAILED_PRECONDITION` for one that cannot be joined. */
export async function joinContainers(
  context: RuntimeContext,
  config: ContainerConfig,
  options: Options,
): Promise<Joined> {
  const { pid, ipc } = config.namespaces ?? {};
  const [pidOwner, ipcOwner, networkOwner] = await Promise.all([
    runningOwner(context, "namespaces.pid", pid, options),
    runningOwner(context, "namespaces.ipc", ipc, options),
    runningOwner(context, "network", config.network, options),
  ]);
  const shm = ipcOwner === undefined ? hostSharedMemory(ipc) : shareableMemory(context, ipcOwner.record);
  return {
    namespaces: {
      ...(pidOwner === undefined ? {} : { pid: namespaceFile(pidOwner.pid, "pid") }),
      ...(ipcOwner === undefined ? {} : { ipc: namespaceFile(ipcOwner.pid, "ipc") }),
    },
    ...(shm === undefined ? {} : { shm }),
    ...(networkOwner === undefined
      ? {}
      : {
          network: namespaceFile(networkOwner.pid, "net"),
          names: await namesOf(context, networkOwner.record, options),
        }),
  };
}

interface Owner {
  readonly record: ContainerRecord;
  readonly pid: number;
}

async function runningOwner(
  context: RuntimeContext,
  option: string,
  mode: string | undefined,
  options: Options,
): Promise<Owner | undefined> {
  if (mode?.startsWith(PREFIX) !== true) return undefined;
  const record = await findOwner(context, option, mode, options);
  const state = await readTask(context, record.id, options);
  if (state.kind === "running" || state.kind === "paused") return { record, pid: state.process.pid };
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    `${option}: container ${record.name} does not run, so nothing of it can be joined`,
    {
      hint: "start it first",
      details: { option, container: record.id },
    },
  );
}

async function findOwner(
  context: RuntimeContext,
  option: string,
  mode: string,
  options: Options,
): Promise<ContainerRecord> {
  try {
    return await getRecord(context, mode.slice(PREFIX.length), options);
  } catch (error) {
    if (!isRuntimeError(error, "NOT_FOUND")) throw error;
    throw invalid(option, mode, "container: and the name or id of a container that runs");
  }
}

function namespaceFile(pid: number, kind: "pid" | "ipc" | "net"): string {
  return `/proc/${String(pid)}/ns/${kind}`;
}

function hostSharedMemory(ipc: string | undefined): string | undefined {
  return ipc === "host" ? "/dev/shm" : undefined;
}

function shareableMemory(context: RuntimeContext, owner: ContainerRecord): string {
  const { ipc = "private" } = owner.stored().config.namespaces ?? {};
  if (ipc === "shareable") return sharedMemoryPath(context, owner.id);
  if (ipc === "host") return "/dev/shm";
  throw new RuntimeError("FAILED_PRECONDITION", `namespaces.ipc: container ${owner.name} keeps its own for itself`, {
    hint: "run that container with namespaces.ipc shareable",
    details: { option: "namespaces.ipc", container: owner.id },
  });
}

/** The name files belong to the container at the end of the chain: it is the one with a network of its own. */
async function namesOf(
  context: RuntimeContext,
  first: ContainerRecord,
  options: Options,
): Promise<{ id: ID; hostname: string }> {
  let owner = first;
  for (let length = 0; length < LONGEST_CHAIN; length++) {
    const { config } = owner.stored();
    if (config.network?.startsWith(PREFIX) !== true) {
      return { id: owner.id, hostname: hostnameOf(config, owner.id, context.host.facts.hostname ?? "localhost") };
    }
    owner = await findOwner(context, "network", config.network, options);
  }
  throw invalid(
    "network",
    `${PREFIX}${first.name}`,
    `fewer than ${String(LONGEST_CHAIN)} containers away from a network`,
  );
}
