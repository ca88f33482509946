import { parseSignal, type Phase, RuntimeError } from "@voiyd/runtime-api";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** In which there is nobody whom a signal could reach. */
const DOWN: readonly Phase[] = ["created", "exited"];

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
      const { meta, status } = await runtime.get(operand, { signal });
      // The runtime leaves what does not run as it is; here somebody would take a signal for delivered.
      if (DOWN.includes(status.phase)) {
        throw new RuntimeError("FAILED_PRECONDITION", `container ${meta.name} is not running`);
      }
      await runtime.kill(status.id, { signal, ...(killSignal === undefined ? {} : { killSignal }) });
      return operand;
    });
  },
};
