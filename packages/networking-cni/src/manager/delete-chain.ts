import { callPlugin } from "../plugin/call-plugin.js";
import type { PluginConfig } from "../protocol/config-list.js";
import { Deadline } from "./deadline.js";
import type { ManagerParts } from "./parts.js";
import { pluginRequest, type AttachmentCall } from "./plugin-request.js";

/** A plugin whose DEL has not succeeded. */
export interface FailedDelete {
  readonly plugin: PluginConfig;
  readonly error: unknown;
}

/**
 * DEL for the whole list, last plugin first. One that fails, or hangs, does not keep the others from being called, and is
 * called once more in the end: with iptables-nft the first DEL of a half-made chain fails although it cleans up.
 */
export async function deleteChain(
  { executor, timeouts, logger }: Pick<ManagerParts, "executor" | "timeouts" | "logger">,
  call: AttachmentCall,
  signal: AbortSignal,
): Promise<readonly FailedDelete[]> {
  // One that hangs gets its share of the time only: the others are to have theirs.
  const shareMs = timeouts.detachMs / (call.list.plugins.length + 1);
  const attempt = async (plugins: readonly PluginConfig[]): Promise<readonly FailedDelete[]> => {
    const failed: FailedDelete[] = [];
    for (const plugin of plugins) {
      try {
        using share = new Deadline(shareMs, `DEL of plugin ${plugin.type}`, signal);
        const options = { signal: share.signal, graceMs: timeouts.graceMs };
        await callPlugin(executor, pluginRequest(call, "DEL", plugin), options);
      } catch (error) {
        failed.push({ plugin, error });
      }
    }
    return failed;
  };
  const failed = await attempt(call.list.plugins.toReversed());
  if (failed.length === 0) return failed;
  const { containerId, networkName } = call.record;
  logger.debug("DEL failed, once more", {
    containerId,
    network: networkName,
    plugins: failed.map(({ plugin }) => plugin.type),
  });
  return attempt(failed.map(({ plugin }) => plugin));
}
