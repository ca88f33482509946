import type { PortMapping, PortProtocol } from "@voiyd/runtime-api";
import {
  isJsonObject,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  tryParseJson,
  type JsonObject,
  type JsonValue,
} from "../protocol/json.js";
import type { AttachmentNaming, AttachmentPhase, AttachmentRecord, AttachmentState } from "./attachment-record.js";
import { RECORD_KIND, STATE_KEY } from "./encode-record.js";

const PHASES: readonly AttachmentPhase[] = ["adding", "attached", "deleting", "broken"];
const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];

/**
 * Reads a record of libcni's layout. `undefined` for anything else: an empty or cut-off file, as a power loss leaves
 * it, and the bare results that libcni of before 0.8 wrote.
 */
export function decodeRecord(text: string): AttachmentRecord | undefined {
  const object = tryParseJson(text);
  if (!isJsonObject(object) || stringAt(object, "kind") !== RECORD_KIND) return undefined;
  const networkName = stringAt(object, "networkName");
  const containerId = stringAt(object, "containerId") ?? stringAt(object, "containerID");
  const ifName = stringAt(object, "ifName");
  if (!networkName || !containerId || !ifName) return undefined;
  const netns = stringAt(object, "netns");
  const cniArgs = object["cniArgs"];
  const capabilityArgs = objectAt(object, "capabilityArgs");
  const result = objectAt(object, "result");
  const state = decodeState(objectAt(object, STATE_KEY));
  return {
    networkName,
    containerId,
    ifName,
    config: Buffer.from(stringAt(object, "config") ?? "", "base64").toString("utf8"),
    ...(netns ? { netns } : {}),
    ...(Array.isArray(cniArgs) ? { cniArgs: cniArgs.flatMap(decodeArg) } : {}),
    ...(capabilityArgs === undefined ? {} : { capabilityArgs }),
    ...(result === undefined ? {} : { result }),
    ...(state === undefined ? {} : { state }),
  };
}

/** A bare result, as libcni kept it before it kept records. */
export function decodeLegacyResult(text: string): JsonObject | undefined {
  const object = tryParseJson(text);
  return isJsonObject(object) && object["kind"] === undefined && Object.keys(object).length > 0 ? object : undefined;
}

function decodeArg(pair: JsonValue): readonly (readonly [string, string])[] {
  if (!Array.isArray(pair)) return [];
  const items: readonly JsonValue[] = pair;
  const [key, value] = items;
  return typeof key === "string" && typeof value === "string" ? [[key, value]] : [];
}

function decodeState(object: JsonObject | undefined): AttachmentState | undefined {
  const phase = PHASES.find((known) => known === object?.["phase"]);
  if (object === undefined || phase === undefined) return undefined;
  const naming = objectAt(object, "naming");
  return {
    phase,
    index: numberAt(object, "index") ?? 0,
    step: numberAt(object, "step") ?? 0,
    cniVersion: stringAt(object, "cniVersion") ?? "",
    bootId: stringAt(object, "bootId") ?? "",
    namespaceInode: stringAt(object, "namespaceInode") ?? "",
    owner: stringAt(object, "owner") ?? "",
    request: stringAt(object, "request") ?? "",
    ports: objectsAt(object, "ports").flatMap(decodePort),
    ...(naming === undefined ? {} : { naming: decodeNaming(naming) }),
    createdAt: numberAt(object, "createdAt") ?? 0,
  };
}

function decodeNaming(object: JsonObject): AttachmentNaming {
  const hostsFile = stringAt(object, "hostsFile");
  return {
    names: stringsAt(object, "names"),
    aliases: stringsAt(object, "aliases"),
    gatewayNames: stringsAt(object, "gatewayNames"),
    ...(hostsFile === undefined ? {} : { hostsFile }),
    shared: object["shared"] === true,
  };
}

/** The port mappings of a record's capability arguments, whoever wrote it: go-cni writes the keys in Go's spelling. */
export function publishedPorts(record: AttachmentRecord): readonly Required<PortMapping>[] {
  if (record.state !== undefined) return record.state.ports;
  return objectsAt(record.capabilityArgs ?? {}, "portMappings").flatMap(decodePort);
}

function decodePort(object: JsonObject): readonly Required<PortMapping>[] {
  const fields: JsonObject = Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const hostPort = numberAt(fields, "hostport");
  const containerPort = numberAt(fields, "containerport");
  const protocol = PROTOCOLS.find((known) => known === (stringAt(fields, "protocol") ?? "tcp").toLowerCase());
  if (hostPort === undefined || containerPort === undefined || protocol === undefined) return [];
  return [{ hostPort, containerPort, protocol, hostIp: stringAt(fields, "hostip") || "0.0.0.0" }];
}
