import { isRuntimeError } from "@voiyd/runtime-api";
import { Deadline } from "../manager/deadline.js";
import { callPlugin } from "../plugin/call-plugin.js";
import { errorMessage } from "../plugin/error-code.js";
import type { NetworkConfigList, PluginConfig } from "../protocol/config-list.js";
import { isAtLeast } from "../protocol/versions.js";
import type { Collection } from "./collect.js";
import type { PluginGc } from "./report.js";

/** The first specification with GC. */
const GC_SINCE = "1.1.0";
/** What plugins of before answer to the command: incompatible version, a container id or another variable is missing. */
const UNSUPPORTED_CODES: readonly unknown[] = [1, 3, 4];

/** GC for each plugin of each network, in the order of the list; one that fails does not keep the others from it. */
export async function collectPlugins(collection: Collection): Promise<void> {
  const { parts, lists, signal, findings } = collection;
  const binDirs = await parts.binDirs();
  for (const list of lists) {
    let version: string;
    try {
      version = await parts.probe.negotiate(list, binDirs, { signal, graceMs: parts.timeouts.graceMs });
    } catch (error) {
      signal.throwIfAborted();
      findings.failed.push({ what: `GC of network ${list.name}`, message: errorMessage(error) });
      continue;
    }
    for (const plugin of list.plugins) {
      const said = isAtLeast(version, GC_SINCE) ? await ask(collection, list, plugin, version, binDirs) : UNSUPPORTED;
      findings.plugins.push({ network: list.name, plugin: plugin.type, ...said });
    }
  }
}

type Said = Pick<PluginGc, "outcome" | "message">;
const UNSUPPORTED: Said = { outcome: "unsupported" };

async function ask(
  { parts, valid, kept, dryRun, signal }: Collection,
  list: NetworkConfigList,
  plugin: PluginConfig,
  version: string,
  binDirs: readonly string[],
): Promise<Said> {
  if (dryRun) return { outcome: "due" };
  const known = kept.filter(({ networkName }) => networkName === list.name);
  const keys = known.map(({ containerId, ifName }) => ({ containerId, ifName }));
  const all = [...keys, ...valid.keys(keys)];
  const validAttachments = all.filter(
    (key, index) =>
      all.findIndex(({ containerId, ifName }) => containerId === key.containerId && ifName === key.ifName) === index,
  );
  try {
    using deadline = new Deadline(parts.timeouts.detachMs, `GC of plugin ${plugin.type}`, signal);
    const request = { command: "GC", list, plugin, version, binDirs, validAttachments } as const;
    await callPlugin(parts.executor, request, { signal: deadline.signal, graceMs: parts.timeouts.graceMs });
    return { outcome: "collected" };
  } catch (error) {
    signal.throwIfAborted();
    if (isRuntimeError(error) && UNSUPPORTED_CODES.includes(error.details["cniCode"])) return UNSUPPORTED;
    return { outcome: "failed", message: errorMessage(error) };
  }
}
