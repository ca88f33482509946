import type { CniNetworkManager } from "@voiyd/networking-cni";
import { RuntimeError } from "@voiyd/runtime-api";
import { parseLabels } from "../../options/label.js";
import type { Arguments } from "../../command-line/arguments.js";
import type { OptionTable } from "../../command-line/option-table.js";
import { isOff, isOneOf, refusedOption } from "../../command-line/refused-option.js";
import { parseKeyValues } from "../../options/key-value.js";
import { UsageError } from "../../command-line/usage-error.js";
import type { Command } from "../command.js";

type CreateNetworkRequest = Parameters<CniNetworkManager["createNetwork"]>[0];

/** What Docker takes, and a network of ours has no other way for. */
const REFUSALS: OptionTable = {
  driver: refusedOption(
    "value",
    "networks are made as bridges; others stand in files of CNI's",
    isOneOf("bridge"),
    "d",
  ),
  // Containers can be connected to every network.
  attachable: { kind: "flag", hidden: true, help: "so it is" },
  scope: refusedOption("value", "a network is this host's own", isOneOf("local")),
  ingress: refusedOption("flag", "there is no swarm", isOff),
  "config-only": refusedOption("flag", "a network is made whole", isOff),
  "config-from": refusedOption("value", "a network is made whole"),
  ipv4: refusedOption("flag", "a network has an IPv4 subnet", isOneOf("true")),
  "ip-range": refusedOption("list", "addresses come from the whole subnet"),
  "aux-address": refusedOption("list", "addresses come from the whole subnet"),
  "ipam-driver": refusedOption("value", "addresses are kept by host-local", isOneOf("default", "host-local")),
  "ipam-opt": refusedOption("list", "addresses are kept by host-local, which has no options"),
};

/** `voiyd network create`. */
export const create: Command = {
  usage: "network create [OPTIONS] NAME",
  summary: "Create a network",
  options: {
    bridge: { kind: "value", value: "NAME", help: "the bridge's name; made from the network's when absent" },
    gateway: { kind: "value", value: "ADDRESS", help: "the host's own address in the IPv4 subnet" },
    internal: { kind: "flag", help: "nothing outside of it can be reached, and no port is published" },
    ipv6: { kind: "flag", help: "with IPv6, or --ipv6=false without; as the host can when absent" },
    label: { kind: "list", short: "l", value: "KEY[=VALUE]", help: "set a label" },
    opt: { kind: "list", short: "o", value: "KEY=VALUE", help: "com.docker.network.bridge.name is --bridge" },
    ...REFUSALS,
    subnet: { kind: "list", value: "CIDR", help: "an IPv4 subnet, an IPv6 subnet; chosen free when absent" },
  },
  operands: [1, 1],
  async execute({ args, network, signal, surroundings }) {
    const [name = ""] = args.operands;
    const request = readRequest(args, name);
    await (await network()).createNetwork(request, { signal });
    await surroundings.stdout.write(`${name}\n`);
    return 0;
  },
};

function readRequest(args: Arguments, name: string): CreateNetworkRequest {
  const subnets = args.list("subnet");
  const [subnet, twice] = subnets.filter((text) => !text.includes(":"));
  const [subnet6, twice6] = subnets.filter((text) => text.includes(":"));
  if (twice !== undefined || twice6 !== undefined) {
    throw new UsageError("option --subnet takes one IPv4 and one IPv6 subnet at most");
  }
  const ipv6 = subnet6 ?? (args.value("ipv6") === undefined ? undefined : args.flag("ipv6"));
  const gateway = args.value("gateway");
  const bridge = bridgeOf(args);
  return {
    name,
    labels: parseLabels(args.list("label")),
    internal: args.flag("internal"),
    ...(subnet === undefined ? {} : { subnet }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(bridge === undefined ? {} : { bridge }),
  };
}

/** Of Docker's options for a bridge its name alone has a meaning here. */
const BRIDGE_NAME = "com.docker.network.bridge.name";

function bridgeOf(args: Arguments): string | undefined {
  const options = parseKeyValues("--opt", args.list("opt"));
  const other = Object.keys(options).find((key) => key !== BRIDGE_NAME);
  if (other !== undefined) {
    throw new RuntimeError("UNIMPLEMENTED", `--opt: ${other} is not followed`, {
      hint: `${BRIDGE_NAME} is`,
      details: { option: "--opt" },
    });
  }
  return args.value("bridge") ?? options[BRIDGE_NAME];
}
