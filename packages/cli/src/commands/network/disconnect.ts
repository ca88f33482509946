import { isOff, refusedOption } from "../../command-line/refused-option.js";
import type { Command } from "../command.js";
import { networkIdOf } from "./network-id.js";

/** `voiyd network disconnect`. */
export const disconnect: Command = {
  usage: "network disconnect [OPTIONS] NETWORK CONTAINER",
  summary: "Take a running container off a network",
  options: {
    force: refusedOption("flag", "what dead containers have left, system recover puts in order", isOff, "f"),
  },
  operands: [2, 2],
  async execute(context) {
    const { args, network, signal } = context;
    const [name = "", container = ""] = args.operands;
    await (await network()).disconnect(await networkIdOf(context, container), name, { signal });
    return 0;
  },
};
