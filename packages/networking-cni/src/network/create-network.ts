import { createHash } from "node:crypto";
import { RuntimeError } from "@voiyd/runtime-api";
import { bridgesOf, ownNetworkList } from "../config/own-network.js";
import { subnetsOf } from "../config/subnets-of.js";
import type { UsedSubnet } from "../host/host-links.js";
import { invalidOption } from "../manager/network-request.js";
import type { ManagerParts } from "../manager/parts.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { assertNetworkName, isInterfaceName } from "../protocol/identifiers.js";
import { checkedGateway, checkedSubnet, freeSubnet } from "./choose-subnet.js";
import { describeNetwork } from "./describe-network.js";
import type { CreateNetworkRequest, NetworkInfo } from "./network-info.js";

/** Longer ones would leave too little of a record's file name for the container. */
const NAME_MAX = 64;

/** Creates a network, under a lock of the host: two that choose a subnet at once choose different ones. */
export async function createNetwork(
  parts: ManagerParts,
  request: CreateNetworkRequest,
  signal: AbortSignal,
): Promise<NetworkInfo> {
  const { name, internal = false, labels = {} } = request;
  assertNetworkName(name);
  if (name.length > NAME_MAX) throw invalidOption("name", name, `at most ${String(NAME_MAX)} characters`);
  if (parts.networks.isDefault(name)) throw taken(name, "it is the default one");
  const lock = await parts.locks.acquire("networks", signal);
  try {
    const lists = await parts.networks.list();
    if (lists.some((list) => list.name === name)) throw taken(name, "it is there already");
    const bridge = await chooseBridge(parts, request, lists, signal);
    const ranges = await chooseRanges(parts, request, bridge, lists, signal);
    await parts.networks.add(name, (ipamDataDir) =>
      ownNetworkList({ name, bridge, ranges, internal, labels, ...(ipamDataDir === undefined ? {} : { ipamDataDir }) }),
    );
    return await describeNetwork(parts, name);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

async function chooseBridge(
  { links }: ManagerParts,
  { name, bridge }: CreateNetworkRequest,
  lists: readonly NetworkConfigList[],
  signal: AbortSignal,
): Promise<string> {
  if (bridge !== undefined && !isInterfaceName(bridge)) {
    throw invalidOption("bridge", bridge, "1 to 15 bytes, without '/', ':' and spaces");
  }
  const chosen = bridge ?? `vy-${createHash("sha256").update(name).digest("hex").slice(0, 12)}`;
  const user = lists.find((list) => bridgesOf(list).includes(chosen));
  if (user !== undefined) throw taken(name, `network ${user.name} has the bridge ${chosen}`);
  if ((await links.names(undefined, signal)).includes(chosen)) {
    throw taken(name, `there is an interface ${chosen} already`);
  }
  return chosen;
}

async function chooseRanges(
  parts: ManagerParts,
  { subnet, gateway, ipv6 }: CreateNetworkRequest,
  bridge: string,
  lists: readonly NetworkConfigList[],
  signal: AbortSignal,
): Promise<readonly { readonly subnet: string; readonly gateway?: string }[]> {
  if (gateway !== undefined && subnet === undefined) {
    throw invalidOption("gateway", gateway, "left out, or given together with the subnet");
  }
  const used: readonly UsedSubnet[] = [
    ...lists.flatMap((list) => subnetsOf(list).map((one) => ({ subnet: one, by: `network ${list.name}`, device: "" }))),
    ...parts.networks.reserved(),
    ...(await parts.links.usedSubnets(signal)),
  ];
  const four = subnet === undefined ? freeSubnet(used) : checkedSubnet(subnet, 4, used);
  const six = typeof ipv6 === "string" ? ipv6 : await parts.networks.subnet6(bridge, ipv6);
  return [
    { subnet: four, ...(gateway === undefined ? {} : { gateway: checkedGateway(gateway, four) }) },
    ...(six === false ? [] : [{ subnet: checkedSubnet(six, 6, used) }]),
  ];
}

function taken(name: string, why: string): RuntimeError {
  return new RuntimeError("ALREADY_EXISTS", `network ${name} cannot be created: ${why}`, {
    hint: "Choose another name",
    details: { network: name },
  });
}
