import { UsageError } from "../command-line/usage-error.js";
import type { Command } from "./command.js";

/** `voiyd commit`. */
export const commit: Command = {
  usage: "commit [OPTIONS] CONTAINER NAME[:TAG]",
  summary: "Make an image of a container",
  options: {
    author: { kind: "value", short: "a", value: "NAME", help: "who makes it, as `Name <address>`" },
    message: { kind: "value", short: "m", value: "TEXT", help: "what is said about it in its history" },
    change: { kind: "list", short: "c", value: "INSTRUCTION", help: "of a Dockerfile, as 'CMD [\"serve\"]'" },
    pause: { kind: "flag", short: "p", help: "hold the container up meanwhile, as without; --pause=false does not" },
    "no-pause": { kind: "flag", help: "do not hold the container up meanwhile" },
  },
  operands: [1, 2],
  async execute({ args, runtime, signal, surroundings }) {
    const [container = "", reference] = args.operands;
    if (reference === undefined)
      throw new UsageError("commit needs a name for the image", "an image without a name would not be kept");
    const [author, message] = [args.value("author"), args.value("message")];
    const { digest } = await (
      await runtime()
    ).commit(container, reference, {
      ...(author === undefined ? {} : { author }),
      ...(message === undefined ? {} : { message }),
      changes: args.list("change"),
      pause: !args.flag("no-pause") && args.list("pause").at(-1) !== "false",
      signal,
    });
    await surroundings.stdout.write(`${digest}\n`);
    return 0;
  },
};
