import type { NetworkInfo } from "@voiyd/networking-cni";
import { RuntimeError } from "@voiyd/runtime-api";
import type { CommandNetwork } from "../commands/command.js";

/** A network as it is when nothing special is wanted of it. */
export function fakeNetworkInfo(given: Partial<NetworkInfo> & Pick<NetworkInfo, "name">): NetworkInfo {
  return {
    file: `/etc/cni/net.d/${given.name}.conflist`,
    isDefault: false,
    isOwn: true,
    plugins: ["bridge"],
    ranges: [],
    internal: false,
    labels: {},
    containers: [],
    ...given,
  };
}

/** A network manager that remembers what it was asked for. */
export function fakeNetwork(
  networks: readonly NetworkInfo[] = [],
  overrides: Partial<CommandNetwork> = {},
): { readonly network: CommandNetwork; readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const find = (name: string): NetworkInfo => {
    const found = networks.find((one) => one.name === name);
    if (found === undefined) throw new RuntimeError("NETWORK_NOT_FOUND", `there is no network ${name}`);
    return found;
  };
  const network: CommandNetwork = {
    networks: () => Promise.resolve(networks),
    status: () =>
      Promise.resolve({
        host: { capabilities: { netAdmin: true, sysAdmin: true }, binDirs: [], firewalls: [] },
        networks: [],
        problems: [],
      }),
    inspectNetwork: async (name) => find(name),
    list: () => Promise.resolve([]),
    createNetwork: async (request) => {
      calls.push(["create", request]);
      return fakeNetworkInfo({ name: request.name });
    },
    removeNetwork: async (name) => {
      calls.push(["remove", find(name).name]);
    },
    connect: async (containerId, request) => {
      calls.push(["connect", containerId, request]);
      return { containerId, namespacePath: "", interfaces: [], ports: [] };
    },
    disconnect: async (containerId, name) => {
      calls.push(["disconnect", containerId, name]);
    },
    ...overrides,
  };
  return { network, calls };
}
