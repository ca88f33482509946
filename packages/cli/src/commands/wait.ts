import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** `voiyd wait`. */
export const wait: Command = {
  usage: "wait CONTAINER [CONTAINER...]",
  summary: "Wait until containers have ended, and print their exit codes",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      const { exitCode } = await runtime.wait(operand, { signal: context.signal });
      return String(exitCode);
    });
  },
};
