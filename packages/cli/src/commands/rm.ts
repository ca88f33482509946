import { RuntimeError, type Phase } from "@voiyd/runtime-api";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";

/** In which a process of the container lives, or may live. */
const ALIVE: readonly Phase[] = ["running", "paused", "unknown"];

/** `voiyd rm`. */
export const rm: Command = {
  usage: "rm [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Remove containers",
  options: {
    force: { kind: "flag", short: "f", help: "also those that run; one that does not exist is no error" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      if (args.flag("force")) {
        await runtime.delete(operand, { signal });
        return operand;
      }
      const container = await runtime.get(operand, { signal });
      if (ALIVE.includes(container.status.phase)) {
        throw new RuntimeError(
          "FAILED_PRECONDITION",
          `container ${JSON.stringify(operand)} cannot be removed: it is ${inWords(container.status.phase)}`,
          {
            hint: "stop it first, or remove it with -f",
          },
        );
      }
      await runtime.delete(container, { signal });
      return operand;
    });
  },
};

function inWords(phase: Phase): string {
  return phase === "unknown" ? "in an unknown state" : phase;
}
