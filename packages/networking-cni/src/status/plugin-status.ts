import { isRuntimeError } from "@voiyd/runtime-api";
import type { ManagerParts } from "../manager/parts.js";
import { callPlugin } from "../plugin/call-plugin.js";
import { errorMessage } from "../plugin/error-code.js";
import { pluginRelease } from "../plugin/plugin-release.js";
import type { NetworkConfigList, PluginConfig } from "../protocol/config-list.js";
import { isAtLeast } from "../protocol/versions.js";
import type { PluginStatus } from "./report.js";

/** The first specification with STATUS. */
const STATUS_SINCE = "1.1.0";

/** What there is to say of a plugin without a network: where it is, and what it speaks. */
export async function pluginStatus(
  { executor, probe, timeouts }: ManagerParts,
  list: NetworkConfigList,
  type: string,
  isIpam: boolean,
  binDirs: readonly string[],
  signal: AbortSignal,
): Promise<PluginStatus> {
  const call = { signal, graceMs: timeouts.graceMs };
  const found = await executor.find(type, binDirs);
  if (found === undefined) return { type, isIpam, versions: [], status: "missing" };
  try {
    const [{ versions }, release] = await Promise.all([
      probe.versionsOf(type, list.name, binDirs, call),
      pluginRelease(executor, type, binDirs, call),
    ]);
    const known = { type, isIpam, path: found.path, versions, ...(release === undefined ? {} : { release }) };
    return { ...known, status: "unasked" };
  } catch (error) {
    signal.throwIfAborted();
    return { type, isIpam, path: found.path, versions: [], status: "failed", message: errorMessage(error) };
  }
}

/** STATUS of a plugin of a list, where that is possible; IPAM plugins are asked by those that use them. */
export async function askStatus(
  { executor, timeouts }: ManagerParts,
  list: NetworkConfigList,
  plugin: PluginConfig,
  version: string,
  binDirs: readonly string[],
  signal: AbortSignal,
): Promise<Pick<PluginStatus, "status" | "message">> {
  if (!isAtLeast(version, STATUS_SINCE)) return { status: "unasked" };
  try {
    const request = { command: "STATUS", list, plugin, version, binDirs } as const;
    await callPlugin(executor, request, { signal, graceMs: timeouts.graceMs });
    return { status: "ready" };
  } catch (error) {
    signal.throwIfAborted();
    if (isRuntimeError(error, "PLUGIN_NOT_FOUND")) return { status: "missing" };
    return { status: "failed", message: errorMessage(error) };
  }
}
