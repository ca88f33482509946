import { isOneOf, refusedOption } from "../../command-line/refused-option.js";
import { wishes } from "../../options/network.js";
import type { Command } from "../command.js";
import { networkIdOf } from "./network-id.js";

/** `voiyd network connect`. */
export const connect: Command = {
  usage: "network connect [OPTIONS] NETWORK CONTAINER",
  summary: "Connect a running container to one more network",
  options: {
    alias: { kind: "list", value: "NAME", help: "another name that the container has on this network" },
    interface: { kind: "value", value: "NAME", help: "in the container; the next free eth… when absent" },
    ip: { kind: "value", value: "ADDRESS", help: "a fixed IPv4 address" },
    ip6: { kind: "value", value: "ADDRESS", help: "a fixed IPv6 address" },
    "driver-opt": refusedOption("list", "a network's plugins take their options from its file"),
    "gw-priority": refusedOption("value", "the first network of a container has its way out", isOneOf("0")),
    link: refusedOption("list", "containers of a network find each other by their names"),
    "link-local-ip": refusedOption("list", "--ip and --ip6 give fixed addresses"),
    "mac-address": { kind: "value", value: "MAC", help: "a fixed MAC address" },
  },
  operands: [2, 2],
  async execute(context) {
    const { args, network, signal } = context;
    const [name = "", container = ""] = args.operands;
    const ifName = args.value("interface");
    const request = { name, ...wishes(args, "alias"), ...(ifName === undefined ? {} : { ifName }) };
    await (await network()).connect(await networkIdOf(context, container), request, { signal });
    return 0;
  },
};
