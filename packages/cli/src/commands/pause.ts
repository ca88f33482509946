import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** `voiyd pause`. */
export const pause: Command = {
  usage: "pause CONTAINER [CONTAINER...]",
  summary: "Hold up all processes of containers",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await runtime.pause(operand, { signal: context.signal });
      return operand;
    });
  },
};
