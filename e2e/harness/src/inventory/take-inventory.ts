import type { PrivateHost } from "../host/private-host.js";
import { listProcesses } from "../process/process-table.js";
import { collectCgroups } from "./collect-cgroups.js";
import { collectContainerd } from "./collect-containerd.js";
import { collectFiles } from "./collect-files.js";
import { collectLinks } from "./collect-links.js";
import { collectMounts } from "./collect-mounts.js";
import { collectNetfilter } from "./collect-netfilter.js";
import { collectRuntimeState } from "./collect-runtime-state.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import { openFiles } from "../process/open-files.js";
import { describeProcess, findShims, processesBelow } from "./shims.js";

export interface InventoryOptions {
  /** Default `host`. */
  readonly scope?: InventoryScope;
  /** Namespaces to look for cgroups in, beside those that the daemon knows. Default `voiyd` and `default`. */
  readonly namespaces?: readonly string[];
}

/**
 * Looks at everything that containers of a private host can leave behind, with the eyes of an outsider: `ctr`, `ip`,
 * `iptables-save`, `nft`, `/proc` and plain files. Changes nothing. The daemon must run.
 */
export async function takeInventory(host: PrivateHost, options: InventoryOptions = {}): Promise<LeakInventory> {
  const scope = options.scope ?? "host";
  const table = await listProcesses();
  const shims = findShims(table);
  const own = shims.filter((shim) => shim.address === host.address);
  const others = shims.filter((shim) => shim.address !== host.address);
  const foreignPids = new Set(scope === "machine" ? [] : processesBelow(others, table).map(({ process }) => process.pid));
  const seen = scope === "machine" ? shims : own;
  const { namespaces, ...containerd } = await collectContainerd(host);
  const [runtimeState, mounts, links, netfilter, files, cgroups] = await Promise.all([
    collectRuntimeState(host, scope),
    collectMounts(host, scope),
    collectLinks(host, scope),
    collectNetfilter(host, scope),
    collectFiles(host, scope, () => openFiles(others.map((shim) => shim.pid))),
    collectCgroups([...new Set([...namespaces, ...(options.namespaces ?? ["voiyd", "default"])])], (pid) => foreignPids.has(pid)),
  ]);
  return sorted({
    ...containerd,
    ...runtimeState,
    ...mounts,
    ...links,
    ...netfilter,
    ...files,
    cgroups,
    shims: seen.map((shim) => `${shim.namespace}/${shim.id}`),
    processes: processesBelow(seen, table).map(({ shim, process }) => `${shim.namespace}/${shim.id}: ${describeProcess(process)}`),
  });
}

function sorted(inventory: LeakInventory): LeakInventory {
  const copy: Record<string, readonly string[]> = {};
  for (const [kind, entries] of Object.entries(inventory)) copy[kind] = entries.toSorted();
  return { ...inventory, ...copy };
}
