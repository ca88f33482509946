import type { NetworkConfigList, PluginConfig } from "../protocol/config-list.js";
import { convertResult } from "../protocol/convert-result.js";
import type { JsonObject } from "../protocol/json.js";
import type { CniCommand, PluginRequest } from "../protocol/request.js";
import { readResult } from "../protocol/result.js";
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
): PluginRequest {
  const prevResult = command === "DEL" ? usable(record.result, version) : record.result;
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

/** At DEL a result that no plugin could be told of keeps nobody from being called: without one each removes what it finds. */
function usable(result: JsonObject | undefined, version: string): JsonObject | undefined {
  if (result === undefined) return undefined;
  try {
    readResult(result, version);
    return convertResult(result, version);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
