import { escapeText } from "../../output/escape.js";
import { refusedOption } from "../../command-line/refused-option.js";
import { RuntimeError } from "@voiyd/runtime-api";
import type { Command } from "../command.js";
import { eachArgument } from "../each-argument.js";
import { imageNames } from "./names.js";

/** `voiyd rmi`. */
export const rmi: Command = {
  usage: "rmi [OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove images",
  options: {
    force: { kind: "flag", short: "f", help: "also those that containers use; one that does not exist is no error" },
    // What no image needs is collected in any case, and an image without a name that others stand on is none here.
    "no-prune": { kind: "flag", hidden: true, help: "nothing to keep: layers have no names of their own" },
    platform: refusedOption("list", "a name goes with the images for all platforms that it stands for"),
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const force = args.flag("force");
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      const names = await imageNames(runtime, operand, signal);
      if (names.length === 0) {
        if (force) return `${escapeText(operand)}: not here`;
        throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image ${JSON.stringify(operand)}`);
      }
      for (const name of names) await runtime.removeImage(name, { force, signal });
      return names.map((name) => `Untagged: ${escapeText(name)}`).join("\n");
    });
  },
};
