import type { PortOwner } from "../lean/lean-ports.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { publishedPorts } from "../record/decode-record.js";
import type { ManagerParts } from "./parts.js";
import { recordResult } from "../record/record-result.js";

/** The ports of an attachment, and the addresses that they lead to. */
export function portOwner(record: AttachmentRecord): PortOwner {
  const addresses = recordResult(record, record.state?.cniVersion ?? "").ips.map(
    ({ address }) => address.split("/")[0] ?? "",
  );
  return { containerId: record.containerId, addresses, ports: publishedPorts(record) };
}

/** The attachments of this boot that publish ports through a table of lean mode. */
export async function leanOwners(
  { records, host }: Pick<ManagerParts, "records" | "host">,
  table: string,
): Promise<readonly PortOwner[]> {
  const bootId = await host.bootId();
  return (await records.list()).records
    .filter(({ state, config }) => {
      const current = state?.phase === "attached" && state.bootId === bootId && state.ports.length > 0;
      return current && leanNetworkOf({ text: config })?.table === table;
    })
    .map(portOwner);
}
