import { readFile } from "node:fs/promises";
import { errorCode } from "../plugin/error-code.js";
import type { Family } from "./firewall.js";

/** The families with rules for addresses in the kernel's older iptables, of which nft knows nothing. */
export async function legacyNat(): Promise<readonly Family[]> {
  const [four, six] = await Promise.all([hasNat("/proc/net/ip_tables_names"), hasNat("/proc/net/ip6_tables_names")]);
  return [...(four ? [4 as const] : []), ...(six ? [6 as const] : [])];
}

async function hasNat(file: string): Promise<boolean> {
  try {
    return (await readFile(file, "latin1")).split("\n").includes("nat");
  } catch (error) {
    // Where the kernel has no older iptables at all there is no such file; whoever may not read it may not attach either.
    if (["ENOENT", "EACCES"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
