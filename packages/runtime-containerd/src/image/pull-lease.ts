import { randomUUID } from "node:crypto";
import { isContainerdError } from "@voiyd/containerd-client";
import { pause } from "../concurrency/pause.js";
import { LABEL } from "../container/label-names.js";
import type { RuntimeContext } from "../context.js";

/** If nobody ends it, the lease ends itself; in milliseconds. */
const EXPIRY_MS = 24 * 60 * 60 * 1000;

/** Before each further try to end it; in milliseconds. */
const PAUSES_MS = [100, 500, 2_000];

/** What the ids of such leases begin with. */
export const PULL_LEASES = "voiyd/pull/";

/** A lease, and the context whose client works under it. Disposing of it ends the lease. */
export interface PullLease extends AsyncDisposable {
  readonly context: RuntimeContext;
}

/**
 * Runs `work` with a client under whose lease nothing that it makes can be collected. The lease ends with it, whatever
 * happens. Ended in one step with a collection, because an expired lease on an idle daemon is never looked at.
 */
export async function withPullLease<T>(
  context: RuntimeContext,
  work: (leased: RuntimeContext) => Promise<T>,
): Promise<T> {
  const lease = await openPullLease(context);
  try {
    return await work(lease.context);
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}

export async function openPullLease(context: RuntimeContext): Promise<PullLease> {
  const id = `${PULL_LEASES}${randomUUID()}`;
  const expires = new Date(Date.now() + EXPIRY_MS).toISOString().replace(/\.\d+Z$/, "Z");
  await context.client.leases.create({
    id,
    labels: { "containerd.io/gc.expire": expires, [LABEL.instance]: context.host.processes.self },
  });
  return {
    context: { ...context, client: context.client.with({ lease: id }) },
    // Without the caller's signal: an aborted pull has to end its lease too.
    [Symbol.asyncDispose]: () => deleteLease(context, id),
  };
}

/** Tried again where it fails: as long as this process lives, nobody else takes the lease for one that is over. */
async function deleteLease(context: RuntimeContext, id: string): Promise<void> {
  for (const wait of [...PAUSES_MS, undefined]) {
    try {
      await context.client.leases.delete({ id, sync: true });
      return;
    } catch (error) {
      if (!isContainerdError(error)) throw error;
      if (error.code === "not_found") return;
      // It expires; what the pull itself has come to is what the caller has to hear.
      if (wait === undefined) context.logger.warn("a pull's lease could not be deleted", { lease: id, error });
      else await pause(wait, {});
    }
  }
}
