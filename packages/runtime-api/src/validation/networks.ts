import type { ContainerConfig } from "../container.js";
import type { NetworkAttachRequest } from "../network-attach-request.js";
import { isHostName } from "./dns.js";
import { invalid } from "./invalid.js";
import { isIpAddress } from "./ip-address.js";

const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
/** They stand for no network, or for the host's. */
const NO_NETWORKS: readonly string[] = ["none", "host"];
/** The kernel's grammar (`dev_valid_name`), of the visible characters of ASCII. */
const INTERFACE_PATTERN = /^(?!\.{1,2}$)[!-.0-9;-~]{1,15}$/;
const MAC_PATTERN = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;
/** In the first byte of an address of a group of interfaces. */
const GROUP_BIT = 1;

/** Throws `INVALID_ARGUMENT` for networks that cannot be, and for two that would be in each other's way. */
export function assertNetworks({ network, networks }: ContainerConfig): void {
  if (networks === undefined) return;
  if (network !== undefined) throw invalid("networks", networks, "left out beside network");
  if (networks.length === 0) throw invalid("networks", networks, 'at least one network; none is network "none"');
  networks.forEach((one, index) => {
    assertNetwork(one, `networks[${String(index)}]`);
  });
  assertDistinct(networks, "name");
  assertDistinct(networks, "ifName");
}

function assertNetwork({ name, ifName, ips, mac, aliases }: NetworkAttachRequest, option: string): void {
  if (!isMatch(name, NAME_PATTERN) || NO_NETWORKS.includes(name)) {
    throw invalid(`${option}.name`, name, "default or a network's name");
  }
  if (ifName !== undefined && (!isMatch(ifName, INTERFACE_PATTERN) || ifName === "lo")) {
    throw invalid(`${option}.ifName`, ifName, 'at most 15 visible characters without "/" and ":", and not lo');
  }
  assertEach(`${option}.ips`, ips, isFixedAddress, "IPv4 or IPv6 addresses, with or without a prefix length");
  if (mac !== undefined && !isUnicastMac(mac)) {
    throw invalid(`${option}.mac`, mac, "the address of one interface, as 02:42:ac:11:00:02");
  }
  assertEach(`${option}.aliases`, aliases, isHostName, "host names");
}

function assertEach(option: string, values: unknown, fits: (value: unknown) => boolean, allowed: string): void {
  if (values === undefined) return;
  if (!Array.isArray(values)) throw invalid(option, values, `a list of ${allowed}`);
  for (const value of values) if (!fits(value)) throw invalid(option, value, allowed);
}

function assertDistinct(networks: readonly NetworkAttachRequest[], key: "name" | "ifName"): void {
  const given = networks.map((network) => network[key]);
  const twice = given.findIndex((value, index) => value !== undefined && given.indexOf(value) !== index);
  if (twice >= 0) throw invalid(`networks[${String(twice)}].${key}`, given[twice], "given once only");
}

function isMatch(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function isFixedAddress(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const [address = "", prefix, ...more] = value.split("/");
  const longest = address.includes(":") ? 128 : 32;
  const prefixFits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  return isIpAddress(address) && prefixFits && more.length === 0;
}

function isUnicastMac(mac: unknown): boolean {
  if (!isMatch(mac, MAC_PATTERN) || /^[0:]+$/.test(mac)) return false;
  return (parseInt(mac.slice(0, 2), 16) & GROUP_BIT) === 0;
}
