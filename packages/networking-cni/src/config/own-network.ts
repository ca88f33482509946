import type { NetworkConfigList } from "../protocol/config-list.js";
import { isJsonObject, objectAt, stringAt, tryParseJson, type JsonObject } from "../protocol/json.js";

/** The key of a list that says that it was made here; other readers of lists skip keys that they do not know. */
const OWN_KEY = "voiyd.io/network";

/** What a network is made from. */
export interface OwnNetwork {
  readonly name: string;
  readonly bridge: string;
  readonly ranges: readonly { readonly subnet: string; readonly gateway?: string }[];
  /** Nothing outside of it can be reached, and no ports are published. */
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipamDataDir?: string;
}

/** The configuration list of a network: an ordinary one, with what we know beyond it under one key. */
export function ownNetworkList({ name, bridge, ranges, internal, labels, ipamDataDir }: OwnNetwork): JsonObject {
  const routes = ranges.map(({ subnet }) => ({ dst: subnet.includes(":") ? "::/0" : "0.0.0.0/0" }));
  return {
    cniVersion: "1.0.0",
    cniVersions: ["0.4.0", "1.0.0", "1.1.0"],
    name,
    // A folder with the network's name beside this file may be another program's.
    loadOnlyInlinedPlugins: true,
    [OWN_KEY]: { internal, labels },
    plugins: [
      {
        type: "bridge",
        bridge,
        isGateway: true,
        ipMasq: !internal,
        hairpinMode: true,
        capabilities: { ips: true, mac: true, ipRanges: true },
        ipam: {
          type: "host-local",
          ranges: ranges.map((range) => [{ ...range }]),
          ...(internal ? {} : { routes }),
          ...(ipamDataDir === undefined ? {} : { dataDir: ipamDataDir }),
        },
      },
      ...(internal ? [] : [{ type: "portmap", capabilities: { portMappings: true } }]),
      { type: "firewall", ingressPolicy: "same-bridge" },
      { type: "tuning" },
    ],
  };
}

/** Whether a list was made by {@link ownNetworkList}. */
export function isOwnNetwork(list: Pick<NetworkConfigList, "text">): boolean {
  return ownFacts(list) !== undefined;
}

/** What a list says of itself beyond CNI; nothing for other programs' lists. */
export function networkFacts(list: Pick<NetworkConfigList, "text">): Pick<OwnNetwork, "internal" | "labels"> {
  const facts = ownFacts(list) ?? {};
  const labels = Object.entries(objectAt(facts, "labels") ?? {});
  return {
    internal: facts["internal"] === true,
    labels: Object.fromEntries(labels.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : []))),
  };
}

/** The bridges of a list. */
export function bridgesOf({ plugins }: Pick<NetworkConfigList, "plugins">): readonly string[] {
  // The plugin's own default name (bridge plugin, `defaultBrName`).
  return plugins.filter(({ type }) => type === "bridge").map(({ config }) => stringAt(config, "bridge") ?? "cni0");
}

function ownFacts({ text }: Pick<NetworkConfigList, "text">): JsonObject | undefined {
  const object = tryParseJson(text);
  return isJsonObject(object) ? objectAt(object, OWN_KEY) : undefined;
}
