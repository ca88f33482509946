import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { BlockList, isIP } from "node:net";
import { RuntimeError } from "@voiyd/runtime-api";

const METADATA_HOSTS: readonly string[] = ["metadata.google.internal", "metadata.goog", "metadata", "instance-data"];

/**
 * Refuses addresses that only the host itself reaches: a registry that sends us there is after the cloud's metadata
 * service or a port on loopback (server-side request forgery). Throws `REGISTRY_ERROR`.
 */
export function assertPublicHost(url: URL): void {
  const host = url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  const internal = host === "localhost" || host.endsWith(".localhost") || METADATA_HOSTS.includes(host);
  if (internal || isInternalAddress(host)) throw refused(host);
}

/** Looks a name up as Node does, but refuses a name that leads to such an address: the name alone says nothing. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, "");
      return;
    }
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isInternalAddress(address))) {
      callback(refused(hostname), "");
      return;
    }
    answer(options.all === true, addresses, first, callback);
  });
};

function answer(
  all: boolean,
  addresses: LookupAddress[],
  first: LookupAddress,
  callback: Parameters<LookupFunction>[2],
): void {
  if (all) callback(null, addresses);
  else callback(null, first.address, first.family);
}

/** Loopback, link-local, unspecified, and the metadata service's own addresses. Private networks are where companies keep registries. */
export function isInternalAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  return internalAddresses().check(address, version === 4 ? "ipv4" : "ipv6");
}

function internalAddresses(): BlockList {
  const list = new BlockList();
  list.addSubnet("0.0.0.0", 8, "ipv4");
  list.addSubnet("127.0.0.0", 8, "ipv4");
  list.addSubnet("169.254.0.0", 16, "ipv4");
  list.addAddress("100.100.100.200", "ipv4");
  list.addAddress("::", "ipv6");
  list.addAddress("::1", "ipv6");
  list.addSubnet("fe80::", 10, "ipv6");
  list.addAddress("fd00:ec2::254", "ipv6");
  return list;
}

function refused(host: string): RuntimeError {
  return new RuntimeError(
    "REGISTRY_ERROR",
    `the registry sent us to ${JSON.stringify(host)}, an address inside of this host`,
    {
      details: { reason: "forbidden-address", host },
    },
  );
}
