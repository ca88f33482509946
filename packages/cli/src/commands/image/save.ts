import { resolve } from "node:path";
import { UsageError } from "../../command-line/usage-error.js";
import type { Command } from "../command.js";
import { imageNamed } from "./names.js";
import { platformOptions, PLATFORM_OPTIONS } from "./platform-options.js";

/** `voiyd save`. */
export const save: Command = {
  usage: "save [OPTIONS] IMAGE [IMAGE...]",
  summary: "Write images to a tar archive",
  options: {
    ...PLATFORM_OPTIONS,
    output: { kind: "value", short: "o", value: "FILE", help: "write there instead of to standard output" },
  },
  operands: [1, Infinity],
  async execute({ args, runtime, signal, surroundings }) {
    const { stdout, cwd, writeFile } = surroundings;
    const path = args.value("output");
    const platforms = platformOptions(args);
    if (path === undefined && stdout.isTTY)
      throw new UsageError("an archive is not for a terminal", "give -o FILE, or send the output somewhere");
    const connected = await runtime();
    const names = await Promise.all(args.operands.map((operand) => imageNamed(connected, operand, signal)));
    const chunks = connected.saveImages(names, { ...platforms, signal });
    if (path !== undefined) await writeFile(resolve(cwd, path), chunks);
    else for await (const chunk of chunks) await stdout.write(chunk);
    return 0;
  },
};
