import { bridgesOf, isOwnNetwork, networkFacts } from "../config/own-network.js";
import type { LoadedNetwork } from "../config/load-folder.js";
import { rangesOf } from "../config/subnets-of.js";
import type { ManagerParts } from "../manager/parts.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import type { NetworkInfo } from "./network-info.js";

/** All networks whose configuration can be read. */
export async function describeNetworks(parts: ManagerParts): Promise<readonly NetworkInfo[]> {
  const [{ networks }, { records }] = await Promise.all([parts.networks.folder(), parts.records.list()]);
  return networks.map((network) => describe(parts, network, records));
}

/** One network; `default` is the default one. Throws `NETWORK_NOT_FOUND`. */
export async function describeNetwork(parts: ManagerParts, name: string): Promise<NetworkInfo> {
  const [network, { records }] = await Promise.all([parts.networks.find(name), parts.records.list()]);
  return describe(parts, network, records);
}

function describe(
  { networks }: ManagerParts,
  { list, file }: LoadedNetwork,
  records: readonly AttachmentRecord[],
): NetworkInfo {
  const [bridge] = bridgesOf(list);
  const attached = records.filter(({ networkName }) => networkName === list.name);
  return {
    name: list.name,
    file,
    isDefault: networks.isDefault(list.name),
    isOwn: isOwnNetwork(list),
    plugins: list.plugins.map(({ type }) => type),
    ...(bridge === undefined ? {} : { bridge }),
    ranges: rangesOf(list),
    ...networkFacts(list),
    containers: [...new Set(attached.map(({ containerId }) => containerId))],
  };
}
