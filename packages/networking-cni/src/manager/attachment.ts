import type { AttachedInterface, Attachment, InterfaceAddress } from "@voiyd/runtime-api";
import { familyOf } from "../protocol/convert-result.js";
import type { ResultAddress } from "../protocol/result.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { recordResult } from "../record/record-result.js";

/** What a caller gets to see of the attachments of one container. */
export function attachmentOf(
  containerId: string,
  namespacePath: string,
  records: readonly AttachmentRecord[],
): Attachment {
  return {
    containerId,
    namespacePath,
    interfaces: records.flatMap(interfacesOf),
    ports: records.flatMap(({ state }) => state?.ports ?? []),
  };
}

function interfacesOf(record: AttachmentRecord): readonly AttachedInterface[] {
  const result = recordResult(record, record.state?.cniVersion ?? "");
  const inside = result.interfaces.map((one, index) => ({ one, index })).filter(({ one }) => one.sandbox !== undefined);
  const stray = result.ips.filter((ip) => ip.interface === undefined);
  if (inside.length === 0) {
    // Results of before CNI 0.3.0 name no interfaces: then it is the one that was asked for.
    return [{ name: record.ifName, network: record.networkName, addresses: result.ips.map(addressOf) }];
  }
  return inside.map(({ one, index }) => ({
    name: one.name,
    network: record.networkName,
    ...(one.mac === undefined ? {} : { mac: one.mac }),
    addresses: [...result.ips.filter((ip) => ip.interface === index), ...(one.name === record.ifName ? stray : [])].map(
      addressOf,
    ),
  }));
}

function addressOf({ address, gateway }: ResultAddress): InterfaceAddress {
  const [ip = "", prefix] = address.split("/");
  const family = familyOf(address) === "6" ? 6 : 4;
  return {
    address: ip,
    prefixLength: prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix),
    family,
    ...(gateway === undefined ? {} : { gateway }),
  };
}
