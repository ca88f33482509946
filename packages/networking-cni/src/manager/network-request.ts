import { isIP } from "node:net";
import { RuntimeError, type NetworkAttachRequest } from "@voiyd/runtime-api";
import { assertNetworkName, isInterfaceName } from "../protocol/identifiers.js";
import { assertHostNames } from "../names/host-name.js";

/** One network of a request, checked. */
export interface CheckedNetwork {
  readonly name: string;
  /** Absent: the first free one of `eth0`, `eth1`, … */
  readonly ifName?: string;
  readonly ips: readonly string[];
  readonly mac?: string;
  readonly aliases: readonly string[];
}

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const LOOPBACK = "lo";

/** Checks what is asked of one network. Throws `INVALID_ARGUMENT`. */
export function checkNetworkRequest(request: string | NetworkAttachRequest, option: string): CheckedNetwork {
  const { name, ifName, ips = [], mac, aliases = [] } = typeof request === "string" ? { name: request } : request;
  assertNetworkName(name);
  if (ifName !== undefined && !(isInterfaceName(ifName) && ifName !== LOOPBACK)) {
    throw invalidOption(`${option}.ifName`, ifName, "1 to 15 bytes without '/', ':' and spaces, and not lo");
  }
  ips.forEach((ip, index) => {
    assertIp(ip, `${option}.ips[${String(index)}]`);
  });
  assertHostNames(aliases, `${option}.aliases`);
  return { name, ips, aliases, ...(ifName === undefined ? {} : { ifName }), ...checkedMac(mac, `${option}.mac`) };
}

/** The error for one option of a request. */
export function invalidOption(option: string, value: unknown, allowed: string): RuntimeError {
  const shown = typeof value === "string" ? JSON.stringify(value) : typeof value;
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${shown.slice(0, 80)} is not valid`, {
    hint: `${option} must be ${allowed}`,
    details: { option },
  });
}

/** An address, with or without a prefix length. Without a zone: that belongs to an interface of this host. */
function assertIp(ip: string, option: string): void {
  const [address = "", prefix, ...more] = ip.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  const longest = family === 6 ? 128 : 32;
  const prefixFits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
  if (family === 0 || !prefixFits || more.length > 0) {
    throw invalidOption(option, ip, "an IPv4 or IPv6 address, with or without a prefix length");
  }
}

function checkedMac(mac: string | undefined, option: string): { readonly mac?: string } {
  if (mac === undefined) return {};
  const lower = mac.toLowerCase();
  // The lowest bit of the first byte makes it an address of a group, which no interface can have.
  const isOne = MAC.test(lower) && (parseInt(lower.slice(0, 2), 16) & 1) === 0 && !/^[0:]+$/.test(lower);
  if (!isOne) throw invalidOption(option, mac, "six bytes as 02:42:ac:11:00:02, not all zero and not of a group");
  return { mac: lower };
}
