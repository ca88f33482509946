import { isRuntimeError } from "@voiyd/runtime-api";
import type { Command } from "../command.js";
import { eachArgument } from "../each-argument.js";

/** `voiyd network rm`. */
export const rm: Command = {
  usage: "network rm [OPTIONS] NETWORK [NETWORK...]",
  summary: "Remove networks",
  options: {
    force: { kind: "flag", short: "f", help: "one that does not exist is no error" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const network = await context.network();
    return eachArgument(context, async (name) => {
      try {
        await network.removeNetwork(name, { signal });
      } catch (error) {
        if (!args.flag("force") || !isRuntimeError(error, "NETWORK_NOT_FOUND")) throw error;
      }
      return name;
    });
  },
};
