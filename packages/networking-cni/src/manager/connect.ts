import { RuntimeError, type Attachment } from "@voiyd/runtime-api";
import { attachPlan, settleLater, undo } from "./attach.js";
import { attachmentOf } from "./attachment.js";
import { freeInterfaceName } from "./attach-request.js";
import { detachRecords } from "./detach.js";
import type { CheckedNetwork } from "./network-request.js";
import type { ManagerParts } from "./parts.js";
import { planNetworks } from "./plan-networks.js";

/** Connects a container, as it runs, to one more network. Under its lock. */
export async function connect(
  parts: ManagerParts,
  containerId: string,
  network: CheckedNetwork,
  signal: AbortSignal,
): Promise<Attachment> {
  const namespacePath = parts.namespaces.path(containerId);
  const { records } = await parts.records.find(containerId);
  if (!(await parts.namespaces.inspect(namespacePath)).mounted) {
    throw new RuntimeError("NOT_FOUND", `container ${containerId} has no network namespace`, {
      hint: "Prepare or attach it first",
      details: { containerId },
    });
  }
  const taken = records.map(({ ifName }) => ifName);
  const ifName = network.ifName ?? freeInterfaceName(taken);
  const [plan] = await planNetworks(parts, containerId, [{ ...network, ifName }], signal);
  if (plan === undefined) return attachmentOf(containerId, namespacePath, records);
  const rival = records.find((record) => record.networkName === plan.list.name || record.ifName === ifName);
  if (rival !== undefined) {
    throw new RuntimeError(
      "ALREADY_EXISTS",
      `container ${containerId} is connected to network ${rival.networkName} by ${rival.ifName} already`,
      { details: { containerId, network: rival.networkName, ifName: rival.ifName } },
    );
  }
  const {
    names = [],
    gatewayNames = [],
    hostsFile,
  } = records.find(({ state }) => state?.naming !== undefined)?.state?.naming ?? {};
  const naming = { names, gatewayNames, ...(hostsFile === undefined ? {} : { hostsFile }) };
  const index = 1 + Math.max(-1, ...records.map(({ state }) => state?.index ?? 0));
  const attached = await attachPlan(parts, containerId, { plan, index, ports: [], naming }, signal);
  try {
    await parts.hosts.update([attached], containerId, signal);
    settleLater(parts, [attached]);
  } catch (error) {
    await undo(parts, [attached], error);
    throw error;
  }
  return attachmentOf(containerId, namespacePath, [...records, attached]);
}

/** Takes a container off one network, by its name or by the interface. What is not there is success. Under its lock. */
export async function disconnect(
  parts: ManagerParts,
  containerId: string,
  network: string | { readonly ifName: string },
  signal: AbortSignal,
): Promise<void> {
  const { records } = await parts.records.find(containerId);
  const isMeant = (networkName: string, ifName: string): boolean =>
    typeof network === "string" ? networkName === network : ifName === network.ifName;
  const isDefault = typeof network === "string" && parts.networks.isDefault(network);
  const meant = records.find((record) => isMeant(record.networkName, record.ifName));
  const list = meant === undefined && isDefault ? await parts.networks.load(network) : undefined;
  const found = meant ?? records.find(({ networkName }) => networkName === list?.name);
  if (found === undefined) return;
  await detachRecords(parts, containerId, { signal, namespaceGoes: false, only: found });
}
