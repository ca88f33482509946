import { isContainerdError } from "@voiyd/containerd-client";
import { labelIs } from "../container/filter.js";
import { LABEL } from "../container/label-names.js";
import type { RuntimeContext } from "../context.js";
import { listShims } from "../host/list-shims.js";
import type { Options } from "./finder.js";

/**
 * Whether nobody knows the id: no container of anybody's in this namespace, no name reserved for it by the living, and no
 * shim of another daemon. What is on the host under such an id belongs to a container that is gone. To be asked after
 * the thing was seen: whoever makes a container says so before.
 */
export async function isUnknown(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  if (context.making.has(id) || context.removing.has(id)) return false;
  if (await hasContainer(context, id, options)) return false;
  const { leases } = await context.client.leases.list({ filters: [labelIs(LABEL.id, id)] }, options);
  const { processes } = context.host;
  if (leases.some(({ labels }) => processes.isAlive(labels[LABEL.instance] ?? ""))) return false;
  return !listShims().some((shim) => shim.id === id && shim.address !== context.client.address);
}

/** Anybody's, not ours alone. */
export async function hasContainer(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  try {
    await context.client.containers.get({ id }, options);
    return true;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return false;
    throw error;
  }
}
