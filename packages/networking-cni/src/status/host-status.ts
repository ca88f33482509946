import { readFile } from "node:fs/promises";
import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import type { RunProcess } from "../plugin/run-process.js";
import type { FirewallStatus, HostStatus } from "./report.js";

/** Bits of a set of capabilities (linux/capability.h). */
const [NET_ADMIN, SYS_ADMIN] = [12n, 21n];

/** The host, but for the folders of plugins. The seam for tests. */
export type ReadHostStatus = (signal: AbortSignal) => Promise<Omit<HostStatus, "binDirs">>;

/** Reads `/proc`, and asks the tools. */
export function hostStatusReader(run: RunProcess): ReadHostStatus {
  return async (signal) => {
    const firewalls = Promise.all([
      iptablesStatus(run, "iptables", signal),
      iptablesStatus(run, "ip6tables", signal),
      nftStatus(run, signal),
    ]);
    return { capabilities: await capabilities(), firewalls: await firewalls };
  };
}

async function capabilities(): Promise<HostStatus["capabilities"]> {
  const text = await readFile("/proc/self/status", "latin1");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1] ?? "0"}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  return { netAdmin: has(NET_ADMIN), sysAdmin: has(SYS_ADMIN) };
}

async function iptablesStatus(run: RunProcess, tool: string, signal: AbortSignal): Promise<FirewallStatus> {
  const said = await output(run, tool, ["--version"], signal);
  const [, version, kind] = / v(\S+)(?: \((\S+)\))?/.exec(said) ?? [];
  if (version === undefined) return { tool, mixed: false };
  // Before 1.8 there was one backend, and no word of it.
  const backend = kind === "nf_tables" ? "nft" : "legacy";
  const other = await output(run, `${tool}-${backend === "nft" ? "legacy" : "nft"}-save`, [], signal);
  return { tool, version, backend, mixed: /^:CNI-/m.test(other) };
}

async function nftStatus(run: RunProcess, signal: AbortSignal): Promise<FirewallStatus> {
  const version = / v(\S+)/.exec(await output(run, "nft", ["--version"], signal))?.[1];
  return { tool: "nft", mixed: false, ...(version === undefined ? {} : { version, backend: "nft" as const }) };
}

/** Empty for a tool that is not there, or fails: that is what there is to say of it. */
async function output(run: RunProcess, file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const outcome = await run({ file, args, env: baseEnvironment(), signal, graceMs: 1000 });
    return outcome.exitCode === 0 ? outcome.stdout : "";
  } catch (error) {
    signal.throwIfAborted();
    if (["ENOENT", "EACCES"].includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}
