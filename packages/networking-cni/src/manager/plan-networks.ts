import { RuntimeError } from "@voiyd/runtime-api";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { recordFileName } from "../protocol/identifiers.js";
import { allInOrder } from "../async/all-in-order.js";
import { invalidRequest } from "./attach-request.js";
import { findPlugins, type PluginPaths } from "./find-plugins.js";
import type { CheckedNetwork } from "./network-request.js";
import type { ManagerParts } from "./parts.js";

/** A network of a request, ready to be attached to. */
export interface Plan {
  readonly network: CheckedNetwork;
  readonly ifName: string;
  readonly list: NetworkConfigList;
  readonly version: string;
  /** Where its plugins are looked for. */
  readonly binDirs: readonly string[];
  readonly paths: PluginPaths;
  /** Whether containers find each other on it by their names. */
  readonly shared: boolean;
}

/** Loads the networks and negotiates their versions. Touches nothing; throws what is wrong with the first that is wrong. */
export async function planNetworks(
  parts: ManagerParts,
  containerId: string,
  networks: readonly (CheckedNetwork & { readonly ifName: string })[],
  signal: AbortSignal,
): Promise<readonly Plan[]> {
  const call = { signal, graceMs: parts.timeouts.graceMs };
  const looking = parts.binDirs();
  const plans = await allInOrder(
    networks.map(async (network) => {
      const { ifName, name } = network;
      const [loaded, binDirs] = await allInOrder([parts.networks.load(name), looking]);
      const list = await parts.lean.choose(loaded, signal);
      recordFileName(list.name, containerId, ifName);
      assertCapable(list, network);
      const paths = findPlugins(parts.executor, list, binDirs);
      const version = await parts.probe.negotiate(list, binDirs, call);
      return { network, list, ifName, version, binDirs, paths, shared: !parts.networks.isDefault(name) };
    }),
  );
  const names = plans.map(({ list }) => list.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return plans;
  throw invalidRequest(`container ${containerId}: network ${twice} is asked for twice`);
}

/** An address that no plugin is told about would silently be another one. */
function assertCapable(list: NetworkConfigList, { ips, mac }: CheckedNetwork): void {
  const declared = new Set(list.plugins.flatMap(({ capabilities }) => capabilities));
  const missing = [...(ips.length > 0 ? ["ips"] : []), ...(mac === undefined ? [] : ["mac"])].filter(
    (capability) => !declared.has(capability),
  );
  if (missing.length === 0) return;
  throw new RuntimeError(
    "INVALID_ARGUMENT",
    `network ${list.name} cannot give a fixed ${missing.includes("ips") ? "address" : "MAC"}`,
    {
      hint: `Declare it where its plugin can: "capabilities": { ${missing.map((one) => `"${one}": true`).join(", ")} }`,
      details: { network: list.name, capabilities: missing },
    },
  );
}
