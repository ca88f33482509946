import type { LoadedNetwork } from "../config/load-folder.js";
import { rangesOf } from "../config/subnets-of.js";
import { leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import { leanTable } from "../lean/lean-network.js";
import type { ManagerParts } from "../manager/parts.js";
import { errorMessage } from "../plugin/error-code.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { selectVersion } from "../protocol/select-version.js";
import { freeAddresses } from "./free-addresses.js";
import { askStatus, pluginStatus } from "./plugin-status.js";
import { quirksOf } from "./quirks.js";
import type { NetworkStatus, PluginStatus, StatusReport } from "./report.js";

/** Looks at everything that networks need, and changes nothing. See `CniNetworkManager.status`. */
export async function status(parts: ManagerParts, signal: AbortSignal): Promise<StatusReport> {
  const [host, { networks, problems }, { records }, binDirs] = await Promise.all([
    parts.readHost(signal),
    parts.networks.folder(),
    parts.records.list(),
    parts.binDirs(),
  ]);
  return {
    host: { ...host, binDirs },
    networks: await Promise.all(networks.map((network) => networkStatus(parts, network, records, binDirs, signal))),
    problems: problems.map(({ file, error }) => ({ file, message: errorMessage(error) })),
  };
}

async function networkStatus(
  parts: ManagerParts,
  { list, file }: LoadedNetwork,
  records: readonly AttachmentRecord[],
  binDirs: readonly string[],
  signal: AbortSignal,
): Promise<NetworkStatus> {
  const plain = await Promise.all(
    list.plugins.map(({ type }) => pluginStatus(parts, list, type, false, binDirs, signal)),
  );
  const ipams = [...new Set(list.plugins.flatMap(({ ipamType }) => ipamType ?? []))];
  const ipam = await Promise.all(ipams.map((type) => pluginStatus(parts, list, type, true, binDirs, signal)));
  const { version, problem } = negotiated(list, [...plain, ...ipam]);
  const asked: PluginStatus[] = [];
  for (const [index, plugin] of list.plugins.entries()) {
    const known = plain[index];
    if (known === undefined) continue;
    const ask = version !== undefined && known.status === "unasked";
    asked.push(ask ? { ...known, ...(await askStatus(parts, list, plugin, version, binDirs, signal)) } : known);
  }
  const plugins = [...asked, ...ipam];
  const mark = await primedMark(parts, list);
  return {
    name: list.name,
    file,
    ready: version !== undefined && plugins.every((one) => one.status === "ready" || one.status === "unasked"),
    ...(version === undefined ? {} : { version }),
    ...(problem === undefined ? {} : { problem }),
    plugins,
    addresses: await addressesOf(list),
    attachments: countPhases(records.filter(({ networkName }) => networkName === list.name)),
    primed: mark !== undefined || (await parts.primed.isPrimed(list.name, false)),
    // In lean mode ports need no chains that all share.
    primedForPorts: mark !== undefined || (await parts.primed.isPrimed(list.name, true)),
    quirks: quirksOf(list, plugins, version),
  };
}

/** The default network is primed in the mode in which it is used. */
async function primedMark(
  { networks, primed }: ManagerParts,
  list: LoadedNetwork["list"],
): Promise<string | undefined> {
  const bridge = list.plugins[0]?.config["bridge"];
  if (!networks.isDefault(list.name) || typeof bridge !== "string") return undefined;
  const table = leanTable(bridge);
  return (await primed.isPrimed(table, false)) ? table : undefined;
}

function negotiated(
  list: LoadedNetwork["list"],
  plugins: readonly PluginStatus[],
): { readonly version?: string; readonly problem?: string } {
  const missing = plugins.filter(({ status }) => status === "missing").map(({ type }) => type);
  if (missing.length > 0) return { problem: `missing plugins: ${missing.join(", ")}` };
  try {
    return { version: selectVersion(list, plugins) };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

async function addressesOf(list: LoadedNetwork["list"]): Promise<NetworkStatus["addresses"]> {
  const dirs = leaseDirs(list);
  if (dirs.length === 0) return [];
  const leases = (await Promise.all(dirs.map((dir) => readLeases(dir)))).flat();
  const given = leases.map(({ address }) => address);
  return rangesOf(list).flatMap((range) => freeAddresses(range, given));
}

function countPhases(records: readonly AttachmentRecord[]): NetworkStatus["attachments"] {
  const counts = { adding: 0, attached: 0, deleting: 0, broken: 0, foreign: 0 };
  for (const { state } of records) counts[state?.phase ?? "foreign"] += 1;
  return counts;
}
