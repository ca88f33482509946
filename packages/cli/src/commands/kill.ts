import { parseSignal } from "@voiyd/runtime-api";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** `voiyd kill`. */
export const kill: Command = {
  usage: "kill [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill containers, or send them a signal",
  options: {
    signal: { kind: "value", short: "s", value: "SIGNAL", help: "instead of SIGKILL" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const killSignal = args.value("signal");
    if (killSignal !== undefined) parseSignal(killSignal, "--signal");
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await runtime.kill(operand, { signal, ...(killSignal === undefined ? {} : { killSignal }) });
      return operand;
    });
  },
};
