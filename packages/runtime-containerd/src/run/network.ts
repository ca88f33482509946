import {
  type AttachRequest,
  type Attachment,
  type ContainerConfig,
  DEFAULT_NETWORK,
  type ID,
  isHostName,
} from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import type { SpecNetwork } from "../spec/build-spec.js";
import { createHostsFile } from "./name-files.js";

/** Whether the container has a network that the network manager makes. */
export function isManaged(config: ContainerConfig): boolean {
  return config.network !== "host" && config.network !== "none" && config.network?.startsWith("container:") !== true;
}

/** A container, as its network needs to know it. */
export interface NetworkedContainer {
  readonly id: ID;
  readonly name: string;
  readonly hostname: string;
  readonly config: ContainerConfig;
  /** The namespace of another container that it joins. */
  readonly joined?: string | undefined;
}

/**
 * Sets the container's network up. `joinable` is called as soon as its namespace and its hosts file exist, which is long
 * before its interfaces do, so that the task can be made meanwhile.
 */
export async function setUpNetwork(
  context: RuntimeContext,
  container: NetworkedContainer,
  joinable: (network: SpecNetwork) => void,
  options: { signal?: AbortSignal },
): Promise<Attachment | undefined> {
  const { id, config, joined } = container;
  if (joined !== undefined) {
    joinable({ kind: "joined", path: joined });
    return undefined;
  }
  if (config.network === "host" || config.network === "none") {
    await createHostsFile(context, container);
    joinable({ kind: config.network });
    return undefined;
  }
  const containerId = hostId(context, id);
  // From its attach on the hosts file is the network manager's: it must be there before.
  const hostsFile = await createHostsFile(context, container);
  let told = false;
  const onNamespace = (path: string): void => {
    if (!told) joinable({ kind: "joined", path });
    told = true;
  };
  const request = { ...attachRequest(container, containerId), hostsFile };
  const attachment = await context.network.attach(request, { ...options, onNamespace });
  // A manager may leave it at that.
  onNamespace(attachment.namespacePath);
  return attachment;
}

function attachRequest({ name, hostname, config }: NetworkedContainer, containerId: string): AttachRequest {
  const { networks = [config.network ?? DEFAULT_NETWORK], portMappings = [], domainname, extraHosts = [] } = config;
  // The host's own name leads nobody to a container.
  const own = config.namespaces?.uts === "host" ? [] : [hostname];
  const full = domainname === undefined ? [] : own.map((one) => `${one}.${domainname}`);
  return {
    containerId,
    networks,
    portMappings,
    names: [...full, ...own, name].filter(isHostName),
    gatewayNames: extraHosts.filter(({ address }) => address === "host-gateway").map((host) => host.name),
  };
}
