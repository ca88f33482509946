import { commandHelp, overview } from "../command-line/help.js";
import type { Command } from "./command.js";
import { COMMANDS, findCommand } from "./table.js";

/** `voiyd help`. */
export const help: Command = {
  usage: "help [COMMAND]",
  summary: "Explain voiyd or one of its commands",
  options: {},
  operands: [0, 2],
  async execute({ args, surroundings: { stdout } }) {
    if (args.operands.length === 0) {
      await stdout.write(overview(COMMANDS.filter(({ internal }) => internal !== true)));
      return 0;
    }
    const { entry } = findCommand(args.operands);
    await stdout.write(commandHelp(await entry.load()));
    return 0;
  },
};
