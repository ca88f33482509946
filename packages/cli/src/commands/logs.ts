import { copyOutput } from "../output/copy.js";
import type { Command } from "./command.js";

/** `voiyd logs`. */
export const logs: Command = {
  usage: "logs [OPTIONS] CONTAINER",
  summary: "Show what a container wrote",
  options: {
    follow: { kind: "flag", short: "f", help: "go on until the container has ended" },
    raw: { kind: "flag", help: "do not escape control characters on a terminal" },
  },
  operands: [1, 1],
  async execute({ args, runtime, signal, surroundings: { stdout, stderr } }) {
    const [container = ""] = args.operands;
    const io = await (await runtime()).io(container, { follow: args.flag("follow"), signal });
    await copyOutput(io, { stdout, stderr, signal, escaped: !args.flag("raw") });
    return 0;
  },
};
