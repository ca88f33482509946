import type { Command } from "../command.js";
import { eachArgument } from "../each-argument.js";

/** `voiyd network rm`. */
export const rm: Command = {
  usage: "network rm NETWORK [NETWORK...]",
  summary: "Remove networks",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const network = await context.network();
    return eachArgument(context, async (name) => {
      await network.removeNetwork(name, { signal: context.signal });
      return name;
    });
  },
};
