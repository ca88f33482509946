import { leanNetworkOf } from "../lean/lean-network.js";
import { attach } from "./attach.js";
import { checkRequest } from "./attach-request.js";
import { Deadline } from "./deadline.js";
import { detach } from "./detach.js";
import type { ManagerParts } from "./parts.js";
import { planNetworks } from "./plan-networks.js";

/** Prepares a network with a container that does not exist. See `CniNetworkManager.prime`. */
export async function prime(
  parts: ManagerParts,
  containerId: string,
  network: string,
  signal: AbortSignal,
): Promise<void> {
  const { networks } = checkRequest({ containerId, networks: [network] });
  const [plan] = await planNetworks(parts, containerId, networks, signal);
  if (plan === undefined) return;
  const lean = leanNetworkOf(plan.list);
  const mark = lean?.table ?? plan.list.name;
  const withPorts =
    lean === undefined && plan.list.plugins.some(({ capabilities }) => capabilities.includes("portMappings"));
  if (await parts.primed.isPrimed(mark, withPorts)) return;
  const portMappings = withPorts ? [{ hostPort: 0, containerPort: 1, hostIp: "127.0.0.1" }] : [];
  try {
    await attach(parts, checkRequest({ containerId, networks: [network], portMappings }), { signal });
  } finally {
    using deadline = new Deadline(parts.timeouts.detachMs, `detach of container ${containerId}`);
    await detach(parts, containerId, deadline.signal);
  }
}
