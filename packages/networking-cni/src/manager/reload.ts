import { RuntimeError, type Attachment } from "@voiyd/runtime-api";
import { masqueradeRules } from "../firewall/masquerade-rules.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import { callPlugin } from "../plugin/call-plugin.js";
import type { PluginConfig } from "../protocol/config-list.js";
import { familyOf } from "../protocol/convert-result.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { publishedPorts } from "../record/decode-record.js";
import { attachmentOf } from "./attachment.js";
import { portOwner } from "./lean-owners.js";
import { guardedNamespace } from "./namespace-guard.js";
import type { ManagerParts } from "./parts.js";
import { pluginRequest, type AttachmentCall } from "./plugin-request.js";
import { recordConfig, recordVersion } from "./record-config.js";
import { recordResult } from "../record/record-result.js";

/** Restores the firewall rules of a container. See `CniNetworkManager.reload`. */
export async function reload(parts: ManagerParts, containerId: string, signal: AbortSignal): Promise<Attachment> {
  const { records } = await parts.records.find(containerId);
  if (records.length === 0) {
    throw new RuntimeError("NOT_FOUND", `container ${containerId} is attached to no network`, {
      details: { containerId },
    });
  }
  // With the rules of one container those that all share were lost: two must not make them at once.
  const lock = await parts.locks.acquire("prime", signal);
  try {
    for (const record of records) await reloadRecord(parts, record, signal);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
  return attachmentOf(containerId, records[0]?.netns ?? "", records);
}

async function reloadRecord(parts: ManagerParts, record: AttachmentRecord, signal: AbortSignal): Promise<void> {
  const phase = record.state?.phase ?? "attached";
  const namespacePath = await guardedNamespace(parts, record);
  if (phase !== "attached" || namespacePath === "") {
    const problem = phase === "attached" ? "its namespace is gone, or another one" : `its attachment is ${phase}`;
    throw failed(record, problem, "Detach the container and attach it again");
  }
  const list = await recordConfig(parts, record);
  const lean = leanNetworkOf(list);
  if (lean !== undefined) {
    const problem = await parts.lean.restore(lean, signal);
    if (problem !== "") throw failed(record, problem, "Remove the reason and reload it again");
    return parts.lean.publish(lean, portOwner(record), signal);
  }
  const version = recordVersion(record, list);
  const call = { record, list, version, binDirs: await parts.binDirs(), namespacePath };
  for (const plugin of list.plugins) await reloadPlugin(parts, call, plugin, signal);
}

/** ADD may be repeated for plugins that only make rules; those that make interfaces would fail or do harm. */
async function reloadPlugin(
  parts: ManagerParts,
  call: AttachmentCall,
  plugin: PluginConfig,
  signal: AbortSignal,
): Promise<void> {
  const { type, config } = plugin;
  if ((type === "bridge" || type === "ptp") && config["ipMasq"] === true)
    return masquerade(parts, call, plugin, signal);
  const replayed = type === "firewall" || (type === "portmap" && publishedPorts(call.record).length > 0);
  if (!replayed) return;
  const options = { signal, graceMs: parts.timeouts.graceMs };
  await parts.slots.run(() => callPlugin(parts.executor, pluginRequest(call, "ADD", plugin), options), signal);
}

async function masquerade(
  { firewall }: ManagerParts,
  { record, version }: AttachmentCall,
  { type, config }: PluginConfig,
  signal: AbortSignal,
): Promise<void> {
  if ((config["ipMasqBackend"] ?? "iptables") !== "iptables") {
    throw failed(record, `plugin ${type} masquerades with nftables, which only an attach makes`, "Attach it again");
  }
  const all = recordResult(record, version).ips.map(({ address }) => address);
  for (const family of [4, 6] as const) {
    const addresses = all.filter((address) => familyOf(address) === String(family));
    const owner = { network: record.networkName, containerId: record.containerId, addresses };
    if (addresses.length > 0) await firewall.change(family, (tables) => masqueradeRules(tables, owner), signal);
  }
}

function failed({ networkName, containerId }: AttachmentRecord, problem: string, hint: string): RuntimeError {
  return new RuntimeError("NETWORK_SETUP_FAILED", `network ${networkName} of container ${containerId}: ${problem}`, {
    hint,
    details: { network: networkName, containerId },
  });
}
