import type { NetworkConfigList, PluginConfig } from "../protocol/config-list.js";
import type { JsonObject } from "../protocol/json.js";
import type { CniCommand, PluginRequest } from "../protocol/request.js";
import type { AttachmentRecord } from "../record/attachment-record.js";

/** What goes into each call about one attachment. */
export interface AttachmentCall {
  readonly record: AttachmentRecord;
  readonly list: NetworkConfigList;
  readonly version: string;
  readonly binDirs: readonly string[];
  /** Already guarded; empty when the namespace is gone. */
  readonly namespacePath: string;
}

/** The request of one plugin about an attachment, from its record. */
export function pluginRequest(
  { record, list, version, binDirs, namespacePath }: AttachmentCall,
  command: CniCommand,
  plugin: PluginConfig,
  prevResult: JsonObject | undefined = record.result,
): PluginRequest {
  return {
    command,
    list,
    plugin,
    version,
    binDirs,
    namespacePath,
    attachment: { containerId: record.containerId, ifName: record.ifName },
    ...(record.cniArgs === undefined ? {} : { args: record.cniArgs }),
    ...(record.capabilityArgs === undefined ? {} : { capabilityArgs: record.capabilityArgs }),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}
