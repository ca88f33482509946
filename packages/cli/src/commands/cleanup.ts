import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** `voiyd cleanup`. */
export const cleanup: Command = {
  usage: "cleanup CONTAINER [CONTAINER...]",
  summary: "Tear down the network of containers and empty their logs",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await runtime.cleanup(operand, { signal: context.signal });
      return operand;
    });
  },
};
