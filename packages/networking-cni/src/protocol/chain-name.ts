import { createHash } from "node:crypto";

/** Longest name of a chain that the plugins make; the kernel's limit for iptables is 28 with the NUL. */
const CHAIN_NAME_LENGTH = 28;

/**
 * The name of the chain that a plugin makes for one attachment: a prefix and as many hexadecimal digits of
 * SHA-512(network name + container id) as fit. `CNI-` is the masquerade chain of `bridge` and `ptp`, `CNI-DN-` the
 * destination NAT chain of `portmap`.
 */
export function chainName(prefix: "CNI-" | "CNI-DN-" | "CNI-SN-", network: string, containerId: string): string {
  const digest = createHash("sha512").update(`${network}${containerId}`).digest("hex");
  return `${prefix}${digest}`.slice(0, CHAIN_NAME_LENGTH);
}
