import type { RuntimeContext } from "../context.js";

/** The lock of the host that the one has who is in charge of a namespace. */
export function supervisorLock({ client, namespace }: Pick<RuntimeContext, "client" | "namespace">): string {
  return `supervisor:${client.address}:${namespace}`;
}
