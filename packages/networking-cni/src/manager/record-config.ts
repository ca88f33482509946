import { isRuntimeError } from "@voiyd/runtime-api";
import { defaultConfigList, defaultNetwork } from "../config/default-network.js";
import { parseConfigList, type NetworkConfigList } from "../protocol/config-list.js";
import { stringAt } from "../protocol/json.js";
import { CNI_VERSIONS, newestOf, OLDEST_CNI_VERSION } from "../protocol/versions.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import type { ManagerParts } from "./parts.js";

/**
 * The list that an attachment was made with: the one in its record. Where a record has lost it, the network's present
 * one, or else the plugins that most networks consist of.
 */
export async function recordConfig(
  { networks, logger }: Pick<ManagerParts, "networks" | "logger">,
  record: AttachmentRecord,
): Promise<NetworkConfigList> {
  const name = record.networkName;
  try {
    return parseConfigList(record.config, `of the record of ${name}`);
  } catch (error) {
    if (!isRuntimeError(error, "NETWORK_CONFIG_INVALID")) throw error;
    logger.warn("the record has no usable configuration", { network: name, containerId: record.containerId });
  }
  const present = (await networks.list()).find((list) => list.name === name);
  return present ?? parseConfigList(JSON.stringify({ ...defaultConfigList(defaultNetwork()), name }), name);
}

/** The version for calls about an existing attachment: no plugin is asked, as it may be gone. */
export function recordVersion(record: AttachmentRecord, list: NetworkConfigList): string {
  const chosen = record.state?.cniVersion ?? stringAt(record.result ?? {}, "cniVersion") ?? "";
  return CNI_VERSIONS.includes(chosen) ? chosen : (newestOf(list.versions) ?? OLDEST_CNI_VERSION);
}
