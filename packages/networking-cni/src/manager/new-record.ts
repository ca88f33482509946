import { isJsonObject, parseJson, without, type JsonObject } from "../protocol/json.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import type { AttachmentNaming, AttachmentRecord } from "../record/attachment-record.js";
import type { Naming } from "./attach-request.js";
import type { Plan } from "./plan-networks.js";

/** What is known of an attachment before the first plugin runs, beside its plan. */
export interface RecordFacts {
  readonly containerId: string;
  readonly namespacePath: string;
  readonly namespaceInode: string;
  readonly bootId: string;
  readonly owner: string;
  readonly createdAt: number;
  readonly index: number;
  readonly fingerprint: string;
  readonly naming: Naming;
}

/** The record of an attachment that is about to be made. */
export function newRecord(
  { network, list, version, ifName, shared }: Plan,
  facts: RecordFacts,
  ports: readonly PublishedPort[],
): AttachmentRecord {
  const { namespaceInode, bootId, owner, createdAt, index, fingerprint, naming } = facts;
  const named = naming.names.length > 0 || network.aliases.length > 0 || naming.hostsFile !== undefined;
  const ownNaming: AttachmentNaming = { ...naming, aliases: network.aliases, shared };
  const args = capabilityArgs(network, ports);
  return {
    networkName: list.name,
    containerId: facts.containerId,
    ifName,
    config: inVersion(list.text, version),
    netns: facts.namespacePath,
    // Plugins refuse arguments that they do not know, unless they are told not to.
    cniArgs: [["IgnoreUnknown", "1"]],
    ...(Object.keys(args).length === 0 ? {} : { capabilityArgs: args }),
    state: {
      phase: "adding",
      index,
      step: 0,
      cniVersion: version,
      bootId,
      namespaceInode,
      owner,
      request: fingerprint,
      ports,
      createdAt,
      ...(named ? { naming: ownNaming } : {}),
    },
  };
}

/** The list with the version that was negotiated as its only one: libcni asks no plugin, it takes the newest. */
function inVersion(text: string, version: string): string {
  const list = parseJson(text);
  return isJsonObject(list) ? JSON.stringify({ ...without(list, "cniVersions"), cniVersion: version }) : text;
}

/** By capability, as CNI's conventions name them (CONVENTIONS.md, "dynamic plugin specific fields"). */
function capabilityArgs({ ips, mac, aliases }: Plan["network"], ports: readonly PublishedPort[]): JsonObject {
  return {
    ...(ports.length === 0 ? {} : { portMappings: ports.map(portMapping) }),
    ...(ips.length === 0 ? {} : { ips }),
    ...(mac === undefined ? {} : { mac }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

/** A port as the portmap plugin wants it. Without a host address it publishes in both families. */
function portMapping({ hostIp, ...port }: PublishedPort): JsonObject {
  return hostIp === "0.0.0.0" ? port : { ...port, hostIP: hostIp };
}
