import type { Command } from "../command.js";
import { imageNamed } from "./names.js";

/** `voiyd tag`. */
export const tag: Command = {
  usage: "tag SOURCE TARGET",
  summary: "Give an image another name",
  options: {},
  operands: [2, 2],
  async execute({ args, runtime, signal }) {
    const [source = "", target = ""] = args.operands;
    const connected = await runtime();
    await connected.tagImage(await imageNamed(connected, source, signal), target, { signal });
    return 0;
  },
};
