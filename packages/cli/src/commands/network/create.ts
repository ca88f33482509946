import type { CniNetworkManager } from "@voiyd/networking-cni";
import { parseLabels } from "../../options/label.js";
import type { Arguments } from "../../command-line/arguments.js";
import { UsageError } from "../../command-line/usage-error.js";
import type { Command } from "../command.js";

type CreateNetworkRequest = Parameters<CniNetworkManager["createNetwork"]>[0];

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
  const bridge = args.value("bridge");
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
