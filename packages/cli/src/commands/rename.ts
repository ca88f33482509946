import type { Command } from "./command.js";

/** `voiyd rename`. Like Docker's, it says nothing. */
export const rename: Command = {
  usage: "rename CONTAINER NAME",
  summary: "Give a container another name",
  options: {},
  operands: [2, 2],
  async execute({ args, runtime, signal }) {
    const [container = "", name = ""] = args.operands;
    await (await runtime()).rename(container, name, { signal });
    return 0;
  },
};
