import { RuntimeError, type AttachedInterface, type Attachment, type InterfaceAddress } from "@voiyd/runtime-api";
import { familyOf } from "../protocol/convert-result.js";
import { readResult, type CniResult, type ResultAddress } from "../protocol/result.js";
import type { AttachmentRecord } from "../record/attachment-record.js";

/** What a caller gets to see of the attachments of one container. Throws `NETWORK_SETUP_FAILED` for a senseless result. */
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
  const result = parsed(record);
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

function parsed(record: AttachmentRecord): CniResult {
  try {
    return readResult(record.result ?? {}, record.state?.cniVersion ?? "");
  } catch (error) {
    const { networkName, containerId } = record;
    throw new RuntimeError(
      "NETWORK_SETUP_FAILED",
      `network ${networkName} of container ${containerId}: its result cannot be read`,
      {
        cause: error,
      },
    );
  }
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
