import type { PrivateHost } from "../host/private-host.js";
import { listProcesses } from "../process/process-table.js";
import { collectCgroups } from "./collect-cgroups.js";
import { collectContainerd, listNamespaces } from "./collect-containerd.js";
import { collectFifos } from "./collect-fifos.js";
import { collectFiles } from "./collect-files.js";
import { collectLinks } from "./collect-links.js";
import { collectMounts } from "./collect-mounts.js";
import { collectNetfilter } from "./collect-netfilter.js";
import { collectRuntimeState } from "./collect-runtime-state.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import { describeProcess, findShims, helpersOf, processesBelow } from "./shims.js";
import { untilClear } from "./until-clear.js";

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
  const table = listProcesses();
  const shims = findShims(table).filter((shim) => scope === "machine" || shim.address === host.address);
  const namespaces = await listNamespaces(host);
  const cgroupFolders = [...new Set([...namespaces, ...(options.namespaces ?? ["voiyd", "default"])])];
  // At once: most of it is waiting for other programs.
  const [containerd, runtimeState, mounts, files, links, netfilter, fifos, cgroups] = await Promise.all([
    collectContainerd(host, namespaces),
    collectRuntimeState(host, scope),
    collectMounts(host, scope),
    collectFiles(host, scope),
    untilClear(() => collectLinks(host, scope)),
    untilClear(() => collectNetfilter(host, scope)),
    untilClear(() => collectFifos(host, scope)),
    untilClear(() => collectCgroups(host, cgroupFolders, scope)),
  ]);
  return sorted({
    ...containerd,
    ...runtimeState,
    ...mounts,
    ...files,
    ...links,
    ...netfilter,
    fifos,
    cgroups,
    shims: shims.map((shim) => `${shim.namespace}/${shim.id}`),
    helpers: helpersOf(host.directory, table).map(({ commandLine }) => commandLine.slice(2).join(" ")),
    processes: processesBelow(shims, table).map(
      ({ shim, process }) => `${shim.namespace}/${shim.id}: ${describeProcess(process)}`,
    ),
  });
}

function sorted(inventory: LeakInventory): LeakInventory {
  const copy: Record<string, readonly string[]> = {};
  const lists: readonly (readonly [string, readonly string[]])[] = Object.entries({ ...inventory });
  for (const [kind, entries] of lists) copy[kind] = entries.toSorted();
  return { ...inventory, ...copy };
}
