import type { Container } from "@voiyd/runtime-api";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { isDown, removesItself, startedOrRemoved, startReaper } from "./removal.js";
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
      const before = await runtime.get(operand, { signal: context.signal });
      const again = (): Promise<Container> => runtime.restart(before, options);
      const restarted = await startedOrRemoved(context, runtime, before.status.id, again);
      await startSupervisor(context, restarted);
      // Whoever is to remove one that ran has been waiting for its last end since its start.
      if (isDown(before) && removesItself(restarted)) await startReaper(context, restarted.status.id);
      return operand;
    });
  },
};
