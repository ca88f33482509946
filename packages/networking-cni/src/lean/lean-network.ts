import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { defaultConfigList, type DefaultNetwork } from "../config/default-network.js";
import { parseConfigList, type NetworkConfigList } from "../protocol/config-list.js";
import {
  isJsonObject,
  objectAt,
  stringAt,
  stringsAt,
  tryParseJson,
  without,
  type JsonObject,
} from "../protocol/json.js";

/** What the rules of a network in lean mode are made from. */
export interface LeanNetwork {
  /** The nft table of the family `inet`. */
  readonly table: string;
  readonly bridge: string;
  /** Canonical CIDR texts, of both families. */
  readonly subnets: readonly string[];
}

/** The key of a list that says that it is a lean one; other readers of lists skip keys that they do not know. */
const LEAN_KEY = "voiyd.io/lean";
/** What nft takes for a name without quotes, and the kernel for an interface. */
const PLAIN_NAME = /^[A-Za-z0-9_.-]{1,15}$/;

/** The table of a network: named by its bridge, which can be there only once. */
export function leanTable(bridge: string): string {
  return `voiyd-${bridge}`;
}

/**
 * The lean list of a network: its bridge plugin alone, without masquerading. `undefined` unless the list is the default
 * one as we write it, where only the bridge's name and the addresses may be others: what an operator put into it would
 * be lost.
 */
export function leanList(list: NetworkConfigList, network: DefaultNetwork): NetworkConfigList | undefined {
  const object = tryParseJson(list.text);
  const bridge = list.plugins[0];
  if (!isJsonObject(object) || bridge === undefined || !isOwn(object, network)) return undefined;
  const name = stringAt(bridge.config, "bridge") ?? "";
  const subnets = subnetsOf(bridge.config);
  if (!PLAIN_NAME.test(name) || subnets === undefined) return undefined;
  const lean: JsonObject = {
    ...object,
    plugins: [{ ...bridge.config, ipMasq: false }],
    [LEAN_KEY]: { bridge: name, subnets },
  };
  return parseConfigList(JSON.stringify(lean), `the lean form of network ${list.name}`);
}

/** The network of a lean list; `undefined` for every other list. */
export function leanNetworkOf({ text }: Pick<NetworkConfigList, "text">): LeanNetwork | undefined {
  const object = tryParseJson(text);
  const lean = isJsonObject(object) ? objectAt(object, LEAN_KEY) : undefined;
  if (lean === undefined) return undefined;
  const bridge = stringAt(lean, "bridge") ?? "";
  const subnets = stringsAt(lean, "subnets");
  if (!PLAIN_NAME.test(bridge) || !subnets.every(isSubnet)) return undefined;
  return { table: leanTable(bridge), bridge, subnets };
}

/** The bridges whose networks are kept apart from others, as the firewall plugin does it for lists that say so. */
export function isolatedBridges(lists: readonly Pick<NetworkConfigList, "plugins">[]): readonly string[] {
  const isolated = lists.filter(({ plugins }) =>
    plugins.some(({ type, config }) => {
      const policy = stringAt(config, "ingressPolicy");
      return type === "firewall" && (policy === "same-bridge" || policy === "isolated");
    }),
  );
  const bridges = isolated.flatMap(({ plugins }) =>
    plugins.filter(({ type }) => type === "bridge").map(({ config }) => stringAt(config, "bridge") ?? "cni0"),
  );
  return [...new Set(bridges)].filter((bridge) => PLAIN_NAME.test(bridge)).toSorted();
}

function isOwn(object: JsonObject, network: DefaultNetwork): boolean {
  const own = defaultConfigList(network);
  return isDeepStrictEqual(comparable(object), comparable(own));
}

/** A list without what may differ: the bridge's name, and where its addresses are from. */
function comparable(object: JsonObject): unknown {
  const plugins = object["plugins"];
  const rest: readonly unknown[] = Array.isArray(plugins) ? plugins : [];
  const [bridge, ...others] = rest;
  if (!isJsonObject(bridge)) return undefined;
  const ipam = without(objectAt(bridge, "ipam") ?? {}, "ranges", "routes", "dataDir");
  // Through text: whatever made the objects, only what stands in them counts.
  return JSON.parse(JSON.stringify({ ...object, plugins: [{ ...without(bridge, "bridge"), ipam }, ...others] }));
}

/** `undefined` when there is none, or one that cannot be understood. */
function subnetsOf(bridge: JsonObject): readonly string[] | undefined {
  const ranges = objectAt(bridge, "ipam")?.["ranges"];
  const sets: readonly unknown[] = Array.isArray(ranges) ? ranges : [];
  const subnets = sets.flatMap((set) => {
    const items: readonly unknown[] = Array.isArray(set) ? set : [];
    return items.map((range) => (isJsonObject(range) ? (stringAt(range, "subnet") ?? "") : ""));
  });
  return subnets.length > 0 && subnets.every(isSubnet) ? subnets : undefined;
}

function isSubnet(text: string): boolean {
  const [address = "", prefix = "", ...more] = text.split("/");
  return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && more.length === 0;
}
