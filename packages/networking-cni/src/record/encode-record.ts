import type { JsonObject } from "../protocol/json.js";
import type { AttachmentRecord, AttachmentState } from "./attachment-record.js";

/** What libcni looks for to know its own entries. */
export const RECORD_KIND = "cniCacheV1";
/** The key of our state; Go's decoder skips keys that it does not know. */
export const STATE_KEY = "voiyd";

/** A record as libcni writes it: one line of JSON, the configuration as base64. */
export function encodeRecord(record: AttachmentRecord): string {
  const encoded: JsonObject = {
    kind: RECORD_KIND,
    containerId: record.containerId,
    config: Buffer.from(record.config, "utf8").toString("base64"),
    ifName: record.ifName,
    networkName: record.networkName,
    ...(record.netns === undefined ? {} : { netns: record.netns }),
    ...(record.cniArgs === undefined ? {} : { cniArgs: record.cniArgs }),
    ...(record.capabilityArgs === undefined ? {} : { capabilityArgs: record.capabilityArgs }),
    ...(record.result === undefined ? {} : { result: record.result }),
    ...(record.state === undefined ? {} : { [STATE_KEY]: encodeState(record.state) }),
  };
  return JSON.stringify(encoded);
}

function encodeState(state: AttachmentState): JsonObject {
  const { naming, ports, ...plain } = state;
  return {
    ...plain,
    ports: ports.map((port) => ({ ...port })),
    ...(naming === undefined ? {} : { naming: { ...naming } }),
  };
}
