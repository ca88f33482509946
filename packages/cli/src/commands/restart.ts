import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { startSupervisor } from "./start-supervisor.js";
import { readStopOptions, STOP_OPTIONS } from "./stop-options.js";

/** `voiyd restart`. */
export const restart: Command = {
  usage: "restart [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop containers, and start them again",
  options: STOP_OPTIONS,
  operands: [1, Infinity],
  async execute(context) {
    const options = readStopOptions(context);
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await startSupervisor(context, await runtime.restart(operand, options));
      return operand;
    });
  },
};
