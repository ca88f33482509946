import { type ContainerConfig, DEFAULT_NETWORK, invalid, type NetworkAttachRequest } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import type { OptionTable } from "../command-line/option-table.js";
import { splitValues } from "./split-values.js";

/** The options of `run` about its networks. */
export const NETWORK_OPTIONS: OptionTable = {
  ip: { kind: "value", value: "ADDRESS", help: "a fixed IPv4 address on the first network" },
  ip6: { kind: "value", value: "ADDRESS", help: "a fixed IPv6 address on the first network" },
  "mac-address": { kind: "value", value: "MAC", help: "a fixed MAC address on the first network" },
  network: {
    kind: "list",
    aliases: [{ name: "net" }],
    value: "NAME",
    help: "default, none, host, container:NAME, or networks; or name=NAME,ip=…,mac-address=…,alias=…,interface=…",
  },
  "network-alias": {
    kind: "list",
    aliases: [{ name: "net-alias" }],
    value: "NAME",
    help: "another name that the container has on the first network",
  },
};

/** What stands for no network of its own. */
const SHARED = /^(?:none$|host$|container:)/;

/** What `run` asks of its networks: a name alone where that says it all. Throws `INVALID_ARGUMENT`. */
export function readNetworks(args: Arguments): Pick<ContainerConfig, "network" | "networks"> {
  const [first, ...others] = args.list("network").flatMap(parseNetworks);
  const extras = wishes(args, "network-alias");
  if (first === undefined) {
    return isEmpty(extras) ? {} : { networks: [{ name: DEFAULT_NETWORK, ...extras }] };
  }
  const shared = [first, ...others].find(({ name }) => SHARED.test(name));
  if (shared !== undefined && (others.length > 0 || !isEmpty(extras) || Object.keys(first).length > 1)) {
    throw invalid(
      "--network",
      shared.name,
      "the only one, and without addresses and names, where it is none of its own",
    );
  }
  const wanted: NetworkAttachRequest = {
    ...first,
    ...extras,
    ...both("ips", first.ips, extras.ips),
    ...both("aliases", first.aliases, extras.aliases),
  };
  return others.length === 0 && Object.keys(wanted).length === 1
    ? { network: first.name }
    : { networks: [wanted, ...others] };
}

/** The fixed addresses and the further names that a command line gives. */
export function wishes(args: Arguments, aliasOption: string): Omit<NetworkAttachRequest, "name"> {
  const ips = [args.value("ip"), args.value("ip6")].filter((ip) => ip !== undefined);
  const mac = args.value("mac-address");
  const aliases = args.list(aliasOption);
  return {
    ...(ips.length === 0 ? {} : { ips }),
    ...(mac === undefined ? {} : { mac }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

/** A network's name, several as nerdctl takes them, or Docker's longer form: `name=front,ip=10.1.0.9,alias=www`. */
function parseNetworks(text: string): readonly NetworkAttachRequest[] {
  return text.includes("=") ? [parseNetwork(text)] : splitValues(text).map((name) => ({ name }));
}

function parseNetwork(text: string): NetworkAttachRequest {
  const fields = text.split(",").map((field): readonly [key: string, value: string] => {
    const at = field.indexOf("=");
    return [field.slice(0, at), field.slice(at + 1)];
  });
  const all = (...keys: readonly string[]): readonly string[] =>
    fields.filter(([key]) => keys.includes(key)).map(([, value]) => value);
  const known = ["name", "ip", "ip6", "mac-address", "alias", "interface"];
  const [name] = all("name");
  if (name === undefined || name === "" || fields.some(([key, value]) => !known.includes(key) || value === "")) {
    throw invalid("--network", text, `a network's name, or a list of ${known.join("=…,")}=…`);
  }
  const [ifName] = all("interface");
  const [mac] = all("mac-address");
  return {
    name,
    ...(ifName === undefined ? {} : { ifName }),
    ...both("ips", all("ip", "ip6"), []),
    ...(mac === undefined ? {} : { mac }),
    ...both("aliases", all("alias"), []),
  };
}

function both<K extends "ips" | "aliases">(
  key: K,
  some: readonly string[] = [],
  more: readonly string[] = [],
): { readonly [P in K]?: readonly string[] } {
  const object: { [P in K]?: readonly string[] } = {};
  if (some.length + more.length > 0) object[key] = [...some, ...more];
  return object;
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
