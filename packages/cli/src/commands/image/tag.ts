import type { Command } from "../command.js";

/** `voiyd tag`. */
export const tag: Command = {
  usage: "tag SOURCE TARGET",
  summary: "Give an image another name",
  options: {},
  operands: [2, 2],
  async execute({ args, runtime, signal }) {
    const [source = "", target = ""] = args.operands;
    await (await runtime()).tagImage(source, target, { signal });
    return 0;
  },
};
