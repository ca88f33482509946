import type { Attachment } from "@voiyd/runtime-api";
import type { NetworkConfigList } from "../protocol/config-list.js";
import type { JsonObject } from "../protocol/json.js";
import { recordFileName } from "../protocol/identifiers.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { attachmentOf } from "./attachment.js";
import { invalidRequest, type CheckedRequest } from "./attach-request.js";
import { attachNetwork, rollBack, type NetworkAttach } from "./attach-network.js";
import { detachRecords } from "./detach.js";
import { guardedNamespace } from "./namespace-guard.js";
import type { ManagerParts } from "./parts.js";
import { withReservedPorts } from "./reserve.js";

/** A network of the request, ready to be attached to. */
interface Plan {
  readonly list: NetworkConfigList;
  readonly version: string;
  readonly ifName: string;
}

/** Attaches a container to its networks, under its lock. See `NetworkManager.attach`. */
export async function attach(parts: ManagerParts, request: CheckedRequest, signal: AbortSignal): Promise<Attachment> {
  const binDirs = await parts.binDirs();
  const plans = await planNetworks(parts, request, binDirs, signal);
  const present = await presentAttachment(parts, request, signal);
  if (present !== undefined) return present;
  const namespaceInode = await parts.namespaces.ensure(request.containerId, signal);
  const base = { namespaceInode, bootId: await parts.host.bootId(), owner: await parts.host.self() };
  const namespacePath = parts.namespaces.path(request.containerId);
  const attached: AttachmentRecord[] = [];
  try {
    for (const [index, plan] of plans.entries()) {
      const ports = index === 0 ? request.ports : [];
      const write = async (chosen: readonly PublishedPort[]): Promise<AttachmentRecord> => {
        const record = newRecord(parts, request, plan, { ...base, index, ports: chosen }, namespacePath);
        await parts.records.create(record);
        return record;
      };
      const record = await withReservedPorts(parts, request.containerId, ports, write, signal);
      const network: NetworkAttach = { record, list: plan.list, version: plan.version, binDirs, namespacePath };
      attached.push(await attachNetwork(parts, network, signal));
    }
    return attachmentOf(request.containerId, namespacePath, attached);
  } catch (error) {
    // The network that failed has undone itself; those before it are undone here, last one first.
    for (const record of attached.toReversed()) await rollBack(parts, record, false, error);
    throw error;
  }
}

async function planNetworks(
  parts: ManagerParts,
  { networks, containerId }: CheckedRequest,
  binDirs: readonly string[],
  signal: AbortSignal,
): Promise<readonly Plan[]> {
  const call = { signal, graceMs: parts.timeouts.graceMs };
  const plans = await Promise.all(
    networks.map(async (name, index) => {
      const list = await parts.networks.load(name);
      const ifName = `eth${String(index)}`;
      recordFileName(list.name, containerId, ifName);
      return { list, ifName, version: await parts.probe.negotiate(list, binDirs, call) };
    }),
  );
  const names = plans.map(({ list }) => list.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return plans;
  throw invalidRequest(`container ${containerId}: network ${twice} is asked for twice`);
}

/** What an earlier attach has made, if it asked for the same and still holds. Anything else of the container is undone. */
async function presentAttachment(
  parts: ManagerParts,
  { containerId, fingerprint, networks }: CheckedRequest,
  signal: AbortSignal,
): Promise<Attachment | undefined> {
  const { records, unreadable } = await parts.records.find(containerId);
  if (records.length === 0 && unreadable.length === 0) return undefined;
  const alive = await Promise.all(
    records.map(async (record) => {
      const same = record.state?.phase === "attached" && record.state.request === fingerprint;
      return same && (await guardedNamespace(parts, record)) !== "";
    }),
  );
  if (unreadable.length === 0 && records.length === networks.length && alive.every(Boolean)) {
    return attachmentOf(containerId, parts.namespaces.path(containerId), records);
  }
  await detachRecords(parts, containerId, { signal, namespaceGoes: false });
  return undefined;
}

function newRecord(
  { now }: ManagerParts,
  { containerId, fingerprint }: CheckedRequest,
  { list, version, ifName }: Plan,
  facts: Readonly<Record<"namespaceInode" | "bootId" | "owner", string>> & {
    readonly index: number;
    readonly ports: readonly PublishedPort[];
  },
  netns: string,
): AttachmentRecord {
  const state = {
    ...facts,
    phase: "adding",
    step: 0,
    cniVersion: version,
    request: fingerprint,
    createdAt: now(),
  } as const;
  const plain = { networkName: list.name, containerId, ifName, config: list.text, netns };
  // Plugins refuse arguments that they do not know, unless they are told not to.
  const args = { cniArgs: [["IgnoreUnknown", "1"]] } as const;
  if (facts.ports.length === 0) return { ...plain, ...args, state };
  return { ...plain, ...args, state, capabilityArgs: { portMappings: facts.ports.map(portMapping) } };
}

/** A port as the portmap plugin wants it. Without a host address it publishes in both families. */
function portMapping({ hostIp, ...port }: PublishedPort): JsonObject {
  return hostIp === "0.0.0.0" ? port : { ...port, hostIP: hostIp };
}
