import { type Attachment, type ContainerConfig, DEFAULT_NETWORK, type ID } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import type { SpecNetwork } from "../spec/build-spec.js";

/** Whether the container has a network that the network manager makes. */
export function isManaged(config: ContainerConfig): boolean {
  return config.network !== "host" && config.network !== "none" && config.network?.startsWith("container:") !== true;
}

/**
 * Sets the container's network up. `joinable` is called as soon as its namespace exists, which is long before its
 * interfaces do, so that the task can be made meanwhile.
 */
export async function setUpNetwork(
  context: RuntimeContext,
  container: { readonly id: ID; readonly config: ContainerConfig; readonly joined?: string | undefined },
  joinable: (network: SpecNetwork) => void,
  options: { signal?: AbortSignal },
): Promise<Attachment | undefined> {
  const { id, config, joined } = container;
  if (joined !== undefined) {
    joinable({ kind: "joined", path: joined });
    return undefined;
  }
  const network = config.network ?? DEFAULT_NETWORK;
  if (network === "host" || network === "none") {
    joinable({ kind: network });
    return undefined;
  }
  const containerId = hostId(context, id);
  joinable({ kind: "joined", path: await context.network.prepare(containerId, options) });
  return context.network.attach({ containerId, networks: [network], portMappings: config.portMappings ?? [] }, options);
}
