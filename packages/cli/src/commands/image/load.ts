import { resolve } from "node:path";
import { refusedOption } from "../../command-line/refused-option.js";
import { UsageError } from "../../command-line/usage-error.js";
import { escapeText } from "../../output/escape.js";
import { createProgressView } from "../../output/progress.js";
import type { Command } from "../command.js";

/** `voiyd load`. */
export const load: Command = {
  usage: "load [OPTIONS]",
  summary: "Read images from a tar archive",
  options: {
    input: { kind: "value", short: "i", value: "FILE", help: "read this instead of standard input" },
    platform: refusedOption("list", "an archive is read whole"),
    quiet: { kind: "flag", short: "q", help: "only print the images' names" },
  },
  operands: [0, 0],
  async execute({ args, runtime, signal, surroundings }) {
    const path = args.value("input");
    if (path === undefined && surroundings.isInputTTY())
      throw new UsageError("an archive is not typed in", "give -i FILE, or send one to standard input");
    const quiet = args.flag("quiet");
    const archive = surroundings.openInput(path === undefined ? undefined : resolve(surroundings.cwd, path));
    const connected = await runtime();
    const view = quiet ? undefined : createProgressView(surroundings.stderr, surroundings.now);
    const images = await connected
      .loadImages(archive, { signal, ...(view !== undefined && { onProgress: view.report }) })
      .finally(() => view?.finish());
    for (const { name } of images)
      await surroundings.stdout.write(quiet ? `${escapeText(name)}\n` : `Loaded image: ${escapeText(name)}\n`);
    return 0;
  },
};
