import { isContainerdError, type Lease } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { readRecord } from "./container-store.js";
import { fieldIs } from "./filter.js";
import { LABEL } from "./label-names.js";

type Options = { signal?: AbortSignal };

/**
 * Removes what is left of a container whose name nobody holds any more, all but the name. Called with the name locked.
 */
export type RemoveAbandoned = (id: string) => Promise<void>;

/**
 * A name is held by a lease whose id is made from it: containerd creates a lease once only, for all processes, and it
 * outlives the process that asked. It holds no resources; it is a lock, with its owner written on it.
 */
function leaseId(name: string): string {
  return `${NAME_LEASES}${name}`;
}

/** What the ids of such leases begin with. */
export const NAME_LEASES = "voiyd/name/";

/**
 * Reserves the name for the container `id`. A reservation whose owner died before its container came to be is taken
 * over, after what is left of that container has been removed. Throws `NAME_IN_USE`.
 */
export async function reserveName(
  context: RuntimeContext,
  name: string,
  id: string,
  remove: RemoveAbandoned,
  options: Options,
): Promise<void> {
  for (;;) {
    try {
      const labels = { [LABEL.name]: name, [LABEL.id]: id, [LABEL.instance]: context.host.processes.self };
      await context.client.leases.create({ id: leaseId(name), labels }, options);
      return;
    } catch (error) {
      if (!isContainerdError(error, "already_exists")) throw error;
      const owner = await freeIfAbandoned(context, name, remove, options);
      if (owner === id) return; // an earlier answer of ours was lost
      if (owner !== undefined) throw nameInUse(name, owner);
    }
  }
}

/** Gives the name back, if it is still this container's. Absent is success. */
export function releaseName(context: RuntimeContext, name: string, id: string, options: Options): Promise<void> {
  return locked(context, name, options, async () => {
    const lease = await readLease(context, name, options);
    if (lease?.labels[LABEL.id] === id) await deleteLease(context, name, options);
  });
}

/**
 * Does something to what is kept by the container's name, unless a namesake has it by now: of two deletes at once the
 * slower one may find that the name has been given to somebody else.
 */
export function ifNameIsOurs(
  context: RuntimeContext,
  name: string,
  id: string,
  action: () => Promise<void>,
  options: Options,
): Promise<void> {
  return locked(context, name, options, async () => {
    const owner = (await readLease(context, name, options))?.labels[LABEL.id];
    // A container of another runtime has no reservation.
    if (owner === undefined || owner === id) await action();
  });
}

/** Frees a name that no container and nobody at work holds. Returns the owner's id when somebody does. */
export function freeIfAbandoned(
  context: RuntimeContext,
  name: string,
  remove: RemoveAbandoned,
  options: Options,
): Promise<string | undefined> {
  return locked(context, name, options, async () => {
    const lease = await readLease(context, name, options);
    if (lease === undefined) return undefined;
    const { owner, isHeld, isLeft } = await judge(context, name, lease, options);
    if (isHeld && !isLeft) return owner;
    if (!isHeld) await remove(owner);
    await deleteLease(context, name, options);
    return undefined;
  });
}

/** Whether {@link freeIfAbandoned} would free the name. Changes nothing. */
export async function isAbandoned(
  context: RuntimeContext,
  name: string,
  lease: Lease,
  options: Options,
): Promise<boolean> {
  const { isHeld, isLeft } = await judge(context, name, lease, options);
  return !isHeld || isLeft;
}

async function judge(
  context: RuntimeContext,
  name: string,
  lease: Lease,
  options: Options,
): Promise<{ readonly owner: string; readonly isHeld: boolean; readonly isLeft: boolean }> {
  const owner = lease.labels[LABEL.id] ?? "";
  const record = await readRecord(context, owner, options);
  const atWork = isAtWork(context, lease, owner);
  const isHeld = record === undefined ? atWork : record.phase === "running" || record.phase === "created" || atWork;
  // A rename that was interrupted has left this name behind: nothing of the container goes with it.
  const isLeft = record !== undefined && record.name !== name && !atWork;
  return { owner, isHeld, isLeft };
}

/** Between a reservation and its record there is one call; whoever takes longer than this has lost interest. */
const LONGEST_STEP_MS = 5 * 60 * 1000;

/** Whether the process that made the reservation may still be about to make the container. */
function isAtWork(context: RuntimeContext, lease: Lease, owner: string): boolean {
  const { processes } = context.host;
  const instance = lease.labels[LABEL.instance] ?? "";
  if (instance === processes.self) return context.making.has(owner);
  const age = Date.now() - Number(lease.createdAt?.seconds ?? 0n) * 1000;
  return processes.isAlive(instance) && age < LONGEST_STEP_MS;
}

/** To look at a lease and then delete it has to be one step, and containerd offers none. */
function locked<T>(context: RuntimeContext, name: string, options: Options, action: () => Promise<T>): Promise<T> {
  return context.host.lock(`name:${context.client.address}:${context.namespace}:${name}`, action, options);
}

async function readLease(context: RuntimeContext, name: string, options: Options): Promise<Lease | undefined> {
  const { leases } = await context.client.leases.list({ filters: [fieldIs("id", leaseId(name))] }, options);
  return leases.find((lease) => lease.id === leaseId(name));
}

async function deleteLease(context: RuntimeContext, name: string, options: Options): Promise<void> {
  try {
    await context.client.leases.delete({ id: leaseId(name) }, options);
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
  }
}

function nameInUse(name: string, owner: string): RuntimeError {
  return new RuntimeError("NAME_IN_USE", `the name ${JSON.stringify(name)} is in use by container ${owner}`, {
    hint: "delete that container, or choose another name",
    details: { name, owner },
  });
}
