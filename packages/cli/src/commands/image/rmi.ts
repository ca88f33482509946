import { escapeText } from "../../output/escape.js";
import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import type { Command, CommandRuntime } from "../command.js";
import { eachArgument } from "../each-argument.js";

/** `voiyd rmi`. */
export const rmi: Command = {
  usage: "rmi [OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove images",
  options: {
    force: { kind: "flag", short: "f", help: "also those that containers use; one that does not exist is no error" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const force = args.flag("force");
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      const names = await namesOf(runtime, operand, signal);
      if (names.length === 0) {
        if (force) return `${escapeText(operand)}: not here`;
        throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image ${JSON.stringify(operand)}`);
      }
      for (const name of names) await runtime.removeImage(name, { force, signal });
      return names.map((name) => `Untagged: ${escapeText(name)}`).join("\n");
    });
  },
};

/** By reference, or by the id that `images` shows: all names of that image. */
async function namesOf(runtime: CommandRuntime, operand: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return [(await runtime.getImage(operand, { signal })).name];
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_NOT_FOUND", "INVALID_ARGUMENT")) throw error;
  }
  const prefix = operand.replace(/^sha256:/, "");
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) return [];
  const images = (await runtime.listImages({ signal })).filter(({ digest }) => digest.startsWith(`sha256:${prefix}`));
  if (new Set(images.map(({ digest }) => digest)).size > 1) {
    throw new RuntimeError("AMBIGUOUS_ID", `${JSON.stringify(operand)} fits several images`, {
      hint: "give more characters of the id, or the name",
    });
  }
  return images.map(({ name }) => name);
}
