import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** `voiyd unpause`. */
export const unpause: Command = {
  usage: "unpause CONTAINER [CONTAINER...]",
  summary: "Let the processes of paused containers go on",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await runtime.resume(operand, { signal: context.signal });
      return operand;
    });
  },
};
