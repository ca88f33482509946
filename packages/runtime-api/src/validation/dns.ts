import type { Dns, ExtraHost } from "../dns.js";
import { invalid } from "./invalid.js";
import { isIpAddress } from "./ip-address.js";

const DOMAIN_LABEL = /^[a-zA-Z0-9_](?:[a-zA-Z0-9_-]*[a-zA-Z0-9_])?$/;
const HOST = /^[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_])?$/;
const NAME_MAX_LEN = 253;

/** Throws `INVALID_ARGUMENT` for what cannot stand in a resolv.conf: one value must not become two lines. */
export function assertDns(dns: Dns): void {
  for (const server of dns.servers ?? []) {
    if (!isIpAddress(server)) throw invalid("dns.servers", server, "IPv4 or IPv6 addresses");
  }
  for (const domain of dns.search ?? []) {
    if (!isDomain(domain)) throw invalid("dns.search", domain, 'domain names, or "."');
  }
  for (const option of dns.options ?? []) {
    if (typeof option !== "string" || !/^[a-zA-Z][a-zA-Z0-9-]*(?::\d+)?$/.test(option)) {
      throw invalid("dns.options", option, "options of resolv.conf(5), as ndots:2");
    }
  }
}

/** Throws `INVALID_ARGUMENT` for what cannot stand in a hosts file. */
export function assertExtraHosts(hosts: readonly ExtraHost[]): void {
  for (const [index, { name, address }] of hosts.entries()) {
    const option = `extraHosts[${String(index)}]`;
    if (!isHostName(name)) throw invalid(`${option}.name`, name, "a host name");
    if (address !== "host-gateway" && !isIpAddress(address)) {
      throw invalid(`${option}.address`, address, "an IPv4 or IPv6 address, or host-gateway");
    }
  }
}

/** Whether it can stand as a name in a hosts file. */
export function isHostName(name: unknown): name is string {
  return typeof name === "string" && name.length <= NAME_MAX_LEN && HOST.test(name);
}

function isDomain(domain: unknown): boolean {
  if (typeof domain !== "string" || domain.length > NAME_MAX_LEN) return false;
  return (
    domain === "." ||
    domain
      .replace(/\.$/, "")
      .split(".")
      .every((label) => DOMAIN_LABEL.test(label))
  );
}
