import { isRuntimeError } from "@voiyd/runtime-api";
import type { Command, CommandRuntime, Context } from "./command.js";
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
      return exitCode === "unknown" && (await isNew(runtime, operand, context)) ? "0" : String(exitCode);
    });
  },
};

/** Whether a container was never started. As Docker, `wait` is for one that does not run: there is nothing to wait for. */
async function isNew(runtime: CommandRuntime, operand: string, { signal }: Context): Promise<boolean> {
  try {
    return (await runtime.get(operand, { signal })).status.phase === "created";
  } catch (error) {
    // It was removed while it was waited for.
    if (!isRuntimeError(error, "NOT_FOUND")) throw error;
    return false;
  }
}
