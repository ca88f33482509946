import { isAddressWithPrefix } from "./identifiers.js";
import {
  isJsonObject,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  type JsonObject,
  type JsonValue,
} from "./json.js";
import { CNI_VERSIONS, isAtLeast, OLDEST_CNI_VERSION } from "./versions.js";

/** What a plugin answers to ADD, in the shape of CNI 1.1.0, whatever version it was written in. */
export interface CniResult {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultAddress[];
  readonly routes: readonly ResultRoute[];
  readonly dns: JsonObject;
}

/** A network interface, in the container when it has a `sandbox`, on the host otherwise. */
export interface ResultInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly sandbox?: string;
  readonly socketPath?: string;
  readonly pciID?: string;
}

/** An address in CIDR notation, and the index of its interface where it is known. */
export interface ResultAddress {
  readonly address: string;
  readonly gateway?: string;
  readonly interface?: number;
}

/** A route; more than `dst` and `gw` only from CNI 1.1.0. */
export interface ResultRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly more?: JsonObject;
}

/** No interface, no address. */
export const EMPTY_RESULT: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };

/** The version of a result's text; where it names none, that of the configuration it answers. */
export function resultVersion(result: JsonObject, configVersion: string): string {
  const own = stringAt(result, "cniVersion") ?? "";
  return own !== "" ? own : configVersion !== "" ? configVersion : OLDEST_CNI_VERSION;
}

/** Reads a result of any version. Throws `SyntaxError` for a version that nobody knows, and an address that is none. */
export function readResult(result: JsonObject, configVersion: string): CniResult {
  const version = resultVersion(result, configVersion);
  if (!CNI_VERSIONS.includes(version)) throw new SyntaxError(`unknown result version ${JSON.stringify(version)}`);
  const dns = objectAt(result, "dns") ?? {};
  if (!isAtLeast(version, "0.3.0")) return { ...readAncient(result), dns };
  return {
    interfaces: objectsAt(result, "interfaces").map(readInterface),
    ips: addressesIn(result).map(readAddress),
    routes: objectsAt(result, "routes").flatMap(readRoute),
    dns,
  };
}

/** Before 0.3.0: one address a family, and no interfaces. */
function readAncient(result: JsonObject): Pick<CniResult, "interfaces" | "ips" | "routes"> {
  const families = [objectAt(result, "ip4"), objectAt(result, "ip6")].filter(isJsonObject);
  return {
    interfaces: [],
    ips: families.map((family) => {
      const gateway = stringAt(family, "gateway");
      return { address: checkedAddress(family["ip"]), ...(gateway ? { gateway } : {}) };
    }),
    routes: families.flatMap((family) => objectsAt(family, "routes").flatMap(readRoute)),
  };
}

function readInterface(value: JsonObject): ResultInterface {
  const mac = stringAt(value, "mac");
  const mtu = numberAt(value, "mtu");
  const sandbox = stringAt(value, "sandbox");
  const socketPath = stringAt(value, "socketPath");
  const pciID = stringAt(value, "pciID");
  return {
    name: stringAt(value, "name") ?? "",
    ...(mac ? { mac } : {}),
    ...(mtu ? { mtu } : {}),
    ...(sandbox ? { sandbox } : {}),
    ...(socketPath ? { socketPath } : {}),
    ...(pciID ? { pciID } : {}),
  };
}

/** Nothing of an address may get lost in silence: somebody would believe that the container has fewer. */
function addressesIn(result: JsonObject): readonly JsonObject[] {
  const addresses = objectsAt(result, "ips");
  const all = result["ips"] ?? [];
  if (Array.isArray(all) && all.length === addresses.length) return addresses;
  throw new SyntaxError("`ips` is not a list of addresses");
}

function readAddress(value: JsonObject): ResultAddress {
  const gateway = stringAt(value, "gateway");
  const index = numberAt(value, "interface");
  return {
    address: checkedAddress(value["address"]),
    ...(gateway ? { gateway } : {}),
    // Index 0 is an interface like any other, and must not get lost as a falsy value.
    ...(index === undefined ? {} : { interface: index }),
  };
}

function checkedAddress(address: JsonValue | undefined): string {
  if (typeof address === "string" && isAddressWithPrefix(address)) return address;
  throw new SyntaxError(`${JSON.stringify(address ?? null).slice(0, 80)} is not an address with a prefix length`);
}

function readRoute(value: JsonObject): readonly ResultRoute[] {
  const dst = stringAt(value, "dst");
  const gw = stringAt(value, "gw");
  const more = Object.fromEntries(Object.entries(value).filter(([key]) => key !== "dst" && key !== "gw"));
  if (dst === undefined) return [];
  return [{ dst, ...(gw ? { gw } : {}), ...(Object.keys(more).length === 0 ? {} : { more }) }];
}

/** The name servers of a result. */
export function nameServers(result: CniResult): readonly string[] {
  return stringsAt(result.dns, "nameservers");
}
