import { isIPv6 } from "node:net";
import { chainName } from "../protocol/chain-name.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import type { Family, Firewall } from "./firewall.js";

/** Ports of one attachment, and the addresses that they lead to. */
export interface PublishedAttachment {
  readonly networkName: string;
  readonly containerId: string;
  readonly addresses: readonly string[];
  readonly ports: readonly PublishedPort[];
}

/**
 * What is missing of the rules that portmap makes for published ports, one line each. Both families are looked at, each
 * as far as the container has an address of it: rules of one say nothing about the other.
 */
export async function missingRules(
  firewall: Firewall,
  attachment: PublishedAttachment,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const families = ([4, 6] as const).filter((family) => portsOf(attachment, family).length > 0);
  return (await Promise.all(families.map((family) => missingOf(firewall, attachment, family, signal)))).flat();
}

async function missingOf(
  firewall: Firewall,
  attachment: PublishedAttachment,
  family: Family,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const chain = chainName("CNI-DN-", attachment.networkName, attachment.containerId);
  const rules = (await firewall.read(family, signal)).flatMap((table) => table.rules);
  if (!rules.some((rule) => rule.endsWith(` -j ${chain}`))) return [`nothing leads to chain ${chain}`];
  const targets = rules.filter((rule) => rule.startsWith(`-A ${chain} `) && rule.includes(" -j DNAT "));
  return portsOf(attachment, family)
    .filter(
      ({ hostPort, protocol }) =>
        !targets.some((rule) => rule.includes(` -p ${protocol} `) && rule.includes(` --dport ${String(hostPort)} `)),
    )
    .map(({ hostPort, protocol }) => `port ${String(hostPort)}/${protocol} is not published any more`);
}

/** A port without a host address, which is written as every IPv4 one, is published in each family of the container. */
function portsOf({ addresses, ports }: PublishedAttachment, family: Family): readonly PublishedPort[] {
  if (!addresses.some((address) => isIPv6(address) === (family === 6))) return [];
  return ports.filter(({ hostIp }) => hostIp === "0.0.0.0" || isIPv6(hostIp) === (family === 6));
}
