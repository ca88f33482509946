import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";
import { eachArgument } from "../each-argument.js";

/** `voiyd untag`. */
export const untag: Command = {
  usage: "untag NAME [NAME...]",
  summary: "Take a name away from images that have another one",
  options: {},
  operands: [1, Infinity],
  async execute(context) {
    const { signal } = context;
    const runtime = await context.runtime();
    return eachArgument(context, async (name) => {
      await runtime.untagImage(name, { signal });
      return `Untagged: ${escapeText(name)}`;
    });
  },
};
