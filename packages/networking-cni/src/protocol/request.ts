import type { NetworkConfigList, PluginConfig } from "./config-list.js";
import { convertResult } from "./convert-result.js";
import { without, type JsonObject } from "./json.js";
import { isAtLeast } from "./versions.js";

/** The operations of the CNI protocol (specification, section 2). */
export type CniCommand = "ADD" | "DEL" | "CHECK" | "GC" | "STATUS" | "VERSION";

/** What identifies one attachment, everywhere. */
export interface AttachmentKey {
  readonly containerId: string;
  readonly ifName: string;
}

/** What one call of one plugin is about. */
export interface PluginRequest {
  readonly command: CniCommand;
  readonly list: Pick<NetworkConfigList, "name">;
  readonly plugin: PluginConfig;
  /** The version chosen for this list. */
  readonly version: string;
  /** Where plugins look for the plugins that they delegate to. */
  readonly binDirs: readonly string[];
  readonly attachment?: AttachmentKey;
  /** The network namespace's path. Empty for DEL when it is gone. */
  readonly namespacePath?: string;
  readonly args?: readonly (readonly [string, string])[];
  /** By capability; a plugin gets what it declares. */
  readonly capabilityArgs?: JsonObject;
  readonly prevResult?: JsonObject;
  /** For GC: what is still in use. */
  readonly validAttachments?: readonly AttachmentKey[];
}

/** A call of a plugin: its environment (without what the process inherits), and what it reads. */
export interface EncodedRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** Keys that the runtime sets and a configuration must not (specification, section 1; libcni strips them likewise). */
const RESERVED = ["runtimeConfig", "prevResult", "capabilities", "name", "cniVersion"];

/** Forms the environment and the standard input of one call (specification, sections 2 and 3). */
export function encodeRequest(request: PluginRequest): EncodedRequest {
  const { command, attachment, version } = request;
  const capabilityArgs = runtimeConfig(request);
  const config: JsonObject = {
    ...without(request.plugin.config, ...RESERVED, ...Object.keys(request.plugin.config).filter(isReservedKey)),
    name: request.list.name,
    cniVersion: version,
    ...(request.prevResult !== undefined && takesPrevResult(request)
      ? { prevResult: convertResult(request.prevResult, version) }
      : {}),
    ...(capabilityArgs === undefined ? {} : { runtimeConfig: capabilityArgs }),
    ...(command === "GC" && request.validAttachments !== undefined ? garbageArgs(request.validAttachments) : {}),
  };
  return {
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: attachment?.containerId ?? "",
      CNI_NETNS: request.namespacePath ?? "",
      CNI_IFNAME: attachment?.ifName ?? "",
      CNI_ARGS: (request.args ?? []).map(([key, value]) => `${key}=${value}`).join(";"),
      CNI_PATH: request.binDirs.join(":"),
    },
    stdin: JSON.stringify(config),
  };
}

/** The question for a plugin's versions. Plugins of before 0.2.0 want every variable set. */
export function encodeVersionRequest(version: string): EncodedRequest {
  return {
    env: {
      CNI_COMMAND: "VERSION",
      CNI_CONTAINERID: "",
      CNI_NETNS: "dummy",
      CNI_IFNAME: "dummy",
      CNI_ARGS: "",
      CNI_PATH: "dummy",
    },
    stdin: JSON.stringify({ cniVersion: version }),
  };
}

function takesPrevResult({ command, version }: PluginRequest): boolean {
  if (command === "ADD" || command === "CHECK") return true;
  return command === "DEL" && isAtLeast(version, "0.4.0");
}

/** The caller's capability arguments that the plugin declares; `undefined` for none. */
function runtimeConfig({ command, plugin, capabilityArgs }: PluginRequest): JsonObject | undefined {
  if (command === "GC" || command === "STATUS" || capabilityArgs === undefined) return undefined;
  const wanted = Object.entries(capabilityArgs).filter(([capability]) => plugin.capabilities.includes(capability));
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
}

function garbageArgs(valid: readonly AttachmentKey[]): JsonObject {
  return {
    "cni.dev/valid-attachments": valid.map(({ containerId, ifName }) => ({ containerID: containerId, ifname: ifName })),
  };
}

function isReservedKey(key: string): boolean {
  return key.startsWith("cni.dev/");
}
