import { createHmac } from "node:crypto";

/**
 * A /64 for a network of this machine (RFC 4193): 40 bits that belong to the machine, 16 that belong to the network. The
 * machine's id is not to be seen in it (machine-id(5) asks for that).
 */
export function ulaSubnet(machineId: string, network: string): string {
  const digits = (text: string, count: number): string =>
    createHmac("sha256", machineId).update(text).digest("hex").slice(0, count);
  const [global, subnet] = [digits("voiyd site", 10), digits(`voiyd network ${network}`, 4)];
  const groups = [`fd${global.slice(0, 2)}`, global.slice(2, 6), global.slice(6, 10), subnet];
  // As addresses are written: no zeros in front (RFC 5952).
  return `${groups.map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}
