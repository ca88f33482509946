import { commandHelp, overview } from "../command-line/help.js";
import { UsageError } from "../command-line/usage-error.js";
import type { Command } from "./command.js";
import { COMMANDS, findCommand } from "./table.js";

/** `voiyd help`. */
export const help: Command = {
  usage: "help [COMMAND]",
  summary: "Explain voiyd or one of its commands",
  options: {},
  operands: [0, 1],
  async execute({ args, surroundings: { stdout } }) {
    const [name] = args.operands;
    if (name === undefined) {
      await stdout.write(overview(COMMANDS.filter(({ internal }) => internal !== true)));
      return 0;
    }
    const entry = findCommand(name);
    if (entry === undefined) throw new UsageError(`unknown command: ${name}`);
    await stdout.write(commandHelp(await entry.load()));
    return 0;
  },
};
