import { RuntimeError, type Attachment, type NetworkAttachOptions } from "@voiyd/runtime-api";
import { allInOrder } from "../async/all-in-order.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import type { RequestedPort } from "../ports/validate-ports.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import type { RecordListing } from "../record/record-store.js";
import { attachmentOf } from "./attachment.js";
import { fingerprintOf, type CheckedRequest, type Naming } from "./attach-request.js";
import { attachNetwork, rollBack } from "./attach-network.js";
import { detachRecords } from "./detach.js";
import { guardedNamespace } from "./namespace-guard.js";
import { newRecord } from "./new-record.js";
import type { ManagerParts } from "./parts.js";
import { planNetworks, type Plan } from "./plan-networks.js";
import { lookForRules, withReservedPorts, type RulesInUse } from "./reserve.js";

/** How an attach is called: its deadline, and who waits for the namespace. */
export type AttachCall = Pick<NetworkAttachOptions, "onNamespace"> & { readonly signal: AbortSignal };

/** Attaches a container to its networks, under its lock. See `NetworkManager.attach`. */
export async function attach(
  parts: ManagerParts,
  request: CheckedRequest,
  { signal, onNamespace }: AttachCall,
): Promise<Attachment> {
  const { containerId, naming } = request;
  const namespacePath = parts.namespaces.path(containerId);
  // With a namespace that is there already, nothing that comes before the first plugin takes as long as the look for rules.
  const isThere = (await parts.namespaces.inspect(namespacePath)).mounted;
  const planning = planNetworks(parts, containerId, request.networks, signal);
  const look = (): RulesInUse =>
    request.ports.length === 0 ? NO_RULES : lookForRules(parts, request, planning, signal);
  const early = isThere ? look() : undefined;
  const [plans, found] = await allInOrder([planning, parts.records.find(containerId)]);
  assertPublishes(plans, request);
  const wanted = plans.map((plan, index) => ({ plan, index, ports: index === 0 ? request.ports : [], naming }));
  const present = await presentRecords(parts, containerId, found, wanted, signal);
  if (present !== undefined) {
    onNamespace?.(namespacePath);
    // The attachments are those of before, the hosts file need not be.
    await parts.hosts.update(present, containerId, signal);
    return attachmentOf(containerId, namespacePath, present);
  }
  const making = parts.namespaces.ensure(containerId, signal);
  const inUse = early ?? onceUnderWay(look);
  await making;
  onNamespace?.(namespacePath);
  const attached: AttachmentRecord[] = [];
  try {
    for (const one of wanted) attached.push(await attachPlan(parts, containerId, { ...one, inUse }, signal));
    await parts.hosts.update(attached, containerId, signal);
    settleLater(parts, attached);
    return attachmentOf(containerId, namespacePath, attached);
  } catch (error) {
    await undo(parts, attached, error);
    throw error;
  }
}

/**
 * Begins a look behind what has just been begun, once that has started its program: Node.js stands still while it starts one,
 * and two that are to run side by side begin with the one that somebody waits for.
 */
function onceUnderWay(look: () => RulesInUse): RulesInUse {
  const found = new Promise<void>((resolve) => {
    process.nextTick(resolve);
  }).then(look);
  // Where something else fails first, nobody waits for this any more.
  found.catch(() => undefined);
  return found;
}

/** Nothing is published, so nobody looks what is. */
const NO_RULES: RulesInUse = Promise.resolve([]);

/** Ports that no plugin is told about would silently not be published. */
function assertPublishes([first]: readonly Plan[], { containerId, ports }: CheckedRequest): void {
  if (first === undefined || ports.length === 0 || leanNetworkOf(first.list) !== undefined) return;
  if (first.list.plugins.some(({ capabilities }) => capabilities.includes("portMappings"))) return;
  throw new RuntimeError(
    "INVALID_ARGUMENT",
    `container ${containerId}: network ${first.list.name} publishes no ports`,
    {
      hint: "Ports are published through a container's first network; that one is internal, or has no portmap plugin",
      details: { containerId, network: first.list.name },
    },
  );
}

/**
 * Whoever undoes this after a power loss needs to know that it was there, which is on the disk already; so nobody waits
 * for the rest.
 */
export function settleLater({ records, logger }: ManagerParts, attached: readonly AttachmentRecord[]): void {
  for (const record of attached) {
    const { containerId, networkName } = record;
    records.settle(record).catch((error: unknown) => {
      logger.warn("a record may not outlive a power loss", { containerId, network: networkName, error });
    });
  }
}

/** Undoes networks that had been attached to when something later failed, the last one first. */
export async function undo(parts: ManagerParts, attached: readonly AttachmentRecord[], cause: unknown): Promise<void> {
  try {
    // The network that failed has undone itself already.
    for (const record of attached.toReversed()) await rollBack(parts, record, false, cause);
  } finally {
    await parts.hosts.update(attached, undefined, AbortSignal.timeout(parts.timeouts.detachMs));
  }
}

/** One network to attach to, and what for. */
export interface WantedAttachment {
  readonly plan: Plan;
  /** Which of the container's networks it is. */
  readonly index: number;
  readonly ports: readonly RequestedPort[];
  readonly inUse?: RulesInUse;
  readonly naming: Naming;
}

/** Attaches a container, whose namespace is there, to one network. */
export async function attachPlan(
  parts: ManagerParts,
  containerId: string,
  { plan, index, ports, inUse = NO_RULES, naming }: WantedAttachment,
  signal: AbortSignal,
): Promise<AttachmentRecord> {
  const namespacePath = parts.namespaces.path(containerId);
  const facts = {
    containerId,
    namespacePath,
    namespaceInode: (await parts.namespaces.inspect(namespacePath)).identity,
    bootId: await parts.host.bootId(),
    owner: await parts.host.self(),
    createdAt: parts.now(),
    index,
    naming,
    fingerprint: fingerprintOf(plan.network, ports, naming),
  };
  const write = async (chosen: WantedAttachment["ports"]): Promise<AttachmentRecord> => {
    const record = newRecord(plan, facts, chosen);
    await parts.records.create(record);
    return record;
  };
  const record = await withReservedPorts(parts, containerId, ports, inUse, write, signal);
  const { list, version, binDirs, paths } = plan;
  return attachNetwork(parts, { record, list, version, binDirs, paths, namespacePath }, signal);
}

/** What an earlier attach has made, if it asked for the same and still holds. Anything else of the container is undone. */
async function presentRecords(
  parts: ManagerParts,
  containerId: string,
  { records, unreadable }: RecordListing,
  wanted: readonly WantedAttachment[],
  signal: AbortSignal,
): Promise<readonly AttachmentRecord[] | undefined> {
  if (records.length === 0 && unreadable.length === 0) return undefined;
  const alive = await Promise.all(
    records.map(async (record) => {
      const want = wanted.find(({ index }) => index === record.state?.index);
      if (want === undefined || record.state?.phase !== "attached") return false;
      const same = record.state.request === fingerprintOf(want.plan.network, want.ports, want.naming);
      return same && (await guardedNamespace(parts, record)) !== "";
    }),
  );
  if (unreadable.length === 0 && records.length === wanted.length && alive.every(Boolean)) return records;
  await detachRecords(parts, containerId, { signal, namespaceGoes: false });
  return undefined;
}
