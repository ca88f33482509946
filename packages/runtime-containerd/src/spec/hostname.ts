import type { ContainerConfig } from "@voiyd/runtime-api";

/** How many characters of an id a container is called by. */
const SHORT_ID = 12;

/** What a container is called inside: its own name, that of the host whose names it shares, or the start of its id. */
export function hostnameOf(config: ContainerConfig, id: string, hostsName: string): string {
  const shares = config.namespaces?.uts === "host" || (config.network === "host" && config.hostname === undefined);
  return shares ? hostsName : (config.hostname ?? id.slice(0, SHORT_ID));
}

/** The name that the OCI runtime sets: none in a UTS namespace that is not the container's. */
export function specNames(config: ContainerConfig, hostname: string): { hostname?: string } {
  return config.namespaces?.uts === "host" ? {} : { hostname };
}
