import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { missingRules } from "../firewall/missing-rules.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import type { PluginConfig } from "../protocol/config-list.js";
import { compareVersions, isAtLeast } from "../protocol/versions.js";
import { callPlugin } from "../plugin/call-plugin.js";
import { pluginRelease } from "../plugin/plugin-release.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { publishedPorts } from "../record/decode-record.js";
import { guardedNamespace } from "./namespace-guard.js";
import { portOwner } from "./lean-owners.js";
import type { ManagerParts } from "./parts.js";
import { pluginRequest, type AttachmentCall } from "./plugin-request.js";
import { recordConfig, recordVersion } from "./record-config.js";
import { recordResult } from "../record/record-result.js";

/** The first specification with CHECK. */
const CHECK_SINCE = "0.4.0";
/** The last release of portmap whose CHECK always fails when ports are published (containernetworking/plugins#819). */
const PORTMAP_CHECK_BROKEN_UNTIL = "1.2.0";

/** Checks all attachments of a container. See `NetworkManager.check`. */
export async function check(parts: ManagerParts, containerId: string, signal: AbortSignal): Promise<void> {
  const { records } = await parts.records.find(containerId);
  if (records.length === 0) {
    throw new RuntimeError("NOT_FOUND", `container ${containerId} is attached to no network`, {
      details: { containerId },
    });
  }
  for (const record of records) await checkRecord(parts, record, signal);
}

async function checkRecord(parts: ManagerParts, record: AttachmentRecord, signal: AbortSignal): Promise<void> {
  const phase = record.state?.phase ?? "attached";
  if (phase !== "attached") throw broken(record, `its attachment is ${phase}`);
  const namespacePath = await guardedNamespace(parts, record);
  if (namespacePath === "") throw broken(record, "its namespace is gone, or another one");
  const list = await recordConfig(parts, record);
  const version = recordVersion(record, list);
  if (list.disableCheck || !isAtLeast(version, CHECK_SINCE)) return;
  const call = { record, list, version, binDirs: await parts.binDirs(), namespacePath };
  for (const plugin of list.plugins) await checkPlugin(parts, call, plugin, signal);
  const lean = leanNetworkOf(list);
  const missing = lean === undefined ? [] : await parts.lean.missing(lean, portOwner(record), signal);
  if (missing.length > 0) throw broken(record, `port ${missing.join(", ")} is not published any more`);
}

async function checkPlugin(
  parts: ManagerParts,
  call: AttachmentCall,
  plugin: PluginConfig,
  signal: AbortSignal,
): Promise<void> {
  if (await isKnownBogus(parts, call, plugin, signal)) {
    parts.logger.debug("CHECK skipped: this plugin's is known to fail", {
      plugin: plugin.type,
      containerId: call.record.containerId,
    });
    if (plugin.type === "portmap") await checkPublished(parts, call, signal);
    return;
  }
  try {
    await callPlugin(parts.executor, pluginRequest(call, "CHECK", plugin), { signal, graceMs: parts.timeouts.graceMs });
  } catch (error) {
    signal.throwIfAborted();
    if (isRuntimeError(error, "NETWORK_SETUP_FAILED", "PLUGIN_NOT_FOUND")) throw error;
    throw broken(call.record, `plugin ${plugin.type} cannot check it`, error);
  }
}

/** CHECKs that say "wrong" of what is right. */
async function isKnownBogus(
  parts: ManagerParts,
  call: AttachmentCall,
  plugin: PluginConfig,
  signal: AbortSignal,
): Promise<boolean> {
  const { list, record, binDirs } = call;
  // A bridge without addresses asks an IPAM plugin without a name; and sbr moves the routes that bridge looks for.
  if (plugin.type === "bridge") return plugin.ipamType === undefined || list.plugins.some(({ type }) => type === "sbr");
  if (plugin.type !== "portmap" || publishedPorts(record).length === 0) return false;
  const release = await pluginRelease(parts.executor, plugin.type, binDirs, {
    signal,
    graceMs: parts.timeouts.graceMs,
  });
  return release === undefined || compareVersions(release, PORTMAP_CHECK_BROKEN_UNTIL) <= 0;
}

/** Instead of portmap's own CHECK: are there the rules that send each port to the container? */
async function checkPublished(
  { firewall }: ManagerParts,
  { record, version }: AttachmentCall,
  signal: AbortSignal,
): Promise<void> {
  const { networkName, containerId } = record;
  const addresses = recordResult(record, version).ips.map(({ address }) => address.split("/")[0] ?? "");
  const attachment = { networkName, containerId, addresses, ports: publishedPorts(record) };
  const [missing] = await missingRules(firewall, attachment, signal);
  if (missing !== undefined) throw broken(record, missing);
}

function broken({ networkName, containerId }: AttachmentRecord, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("NETWORK_SETUP_FAILED", `network ${networkName} of container ${containerId}: ${problem}`, {
    hint: "Detach the container and attach it again",
    details: { network: networkName, containerId },
    ...(cause === undefined ? {} : { cause }),
  });
}
