import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { readStopOptions, STOP_OPTIONS } from "./stop-options.js";

/** `voiyd stop`. */
export const stop: Command = {
  usage: "stop [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop containers",
  options: STOP_OPTIONS,
  operands: [1, Infinity],
  async execute(context) {
    const options = readStopOptions(context);
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await runtime.stop(operand, options);
      return operand;
    });
  },
};
