import { RuntimeError, type Phase } from "@voiyd/runtime-api";
import { isOff, refusedOption } from "../command-line/refused-option.js";
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
    volumes: { kind: "flag", short: "v", help: "as without: volumes without a name go with their container" },
    link: refusedOption("flag", "there are no links between containers", isOff, "l"),
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
