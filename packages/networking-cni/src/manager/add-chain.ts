import { isDeepStrictEqual } from "node:util";
import { convertResult } from "../protocol/convert-result.js";
import type { JsonObject } from "../protocol/json.js";
import { readResult } from "../protocol/result.js";
import { callPlugin } from "../plugin/call-plugin.js";
import { pluginError } from "../protocol/failure.js";
import type { PluginConfig } from "../protocol/config-list.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import type { PluginPaths } from "./find-plugins.js";
import type { ManagerParts } from "./parts.js";
import { pluginRequest, type AttachmentCall } from "./plugin-request.js";

/**
 * ADD for each plugin of the list, each result going to the next one. The record is on the disk with each result before
 * the next plugin starts, so that whoever has to undo this knows everything. Resolves with the last record.
 */
export async function addChain(
  parts: Pick<ManagerParts, "executor" | "records" | "timeouts">,
  call: AttachmentCall & { readonly paths: PluginPaths },
  onRecord: (record: AttachmentRecord) => void,
  signal: AbortSignal,
): Promise<AttachmentRecord> {
  let record = call.record;
  for (const [index, plugin] of call.list.plugins.entries()) {
    const request = pluginRequest({ ...call, record }, "ADD", plugin);
    const path = await call.paths[index];
    const options = { signal, graceMs: parts.timeouts.graceMs };
    const running = callPlugin(parts.executor, request, options, path);
    const answer = await (index === 0 ? whileSettling(parts, record, running) : running);
    const result = inVersion(answer, call, plugin);
    const last = index === call.list.plugins.length - 1 && !publishesItself(call);
    const told = last || !isDeepStrictEqual(result, record.result);
    record = withProgress(record, result, index + 1, last);
    // Most plugins hand on the result that they were given, and then the record says all that is needed already.
    if (told) await parts.records.put(record, { transient: true });
    onRecord(record);
    signal.throwIfAborted();
  }
  return record;
}

/**
 * The disk may be as slow as the first plugin: what a power loss could leave of that, an address that is given out, comes
 * later to the disk than the record that tells whose it is.
 */
async function whileSettling(
  { records }: Pick<ManagerParts, "records">,
  record: AttachmentRecord,
  running: Promise<JsonObject>,
): Promise<JsonObject> {
  const [answer, settled] = await Promise.allSettled([running, records.settle(record)]);
  if (answer.status === "rejected") throw answer.reason;
  if (settled.status === "rejected") throw settled.reason;
  return answer.value;
}

/** In lean mode the ports are published after the last plugin. */
export function publishesItself({ list, record }: Pick<AttachmentCall, "list" | "record">): boolean {
  return (record.state?.ports.length ?? 0) > 0 && leanNetworkOf(list) !== undefined;
}

function withProgress(record: AttachmentRecord, result: JsonObject, step: number, last: boolean): AttachmentRecord {
  if (record.state === undefined) return { ...record, result };
  return { ...record, result, state: { ...record.state, step, phase: last ? "attached" : "adding" } };
}

/** A plugin may answer in another version than it was asked in; all the others are to see one. */
function inVersion(answer: JsonObject, { version, record, list }: AttachmentCall, { type }: PluginConfig): JsonObject {
  try {
    // Read as a whole, once, so that everybody can trust it from here on.
    readResult(answer, version);
    return convertResult(answer, version);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw pluginError({
      command: "ADD",
      plugin: type,
      network: list.name,
      containerId: record.containerId,
      complaint: { code: 0, message: `its answer is not a result: ${error.message}` },
      exitCode: 0,
      stderr: "",
    });
  }
}
