import { resolve } from "node:path";
import { UsageError } from "../command-line/usage-error.js";
import type { Command } from "./command.js";

/** `voiyd export`. */
export const exportCommand: Command = {
  usage: "export [OPTIONS] CONTAINER",
  summary: "Write all files of a container to a tar archive",
  options: {
    output: { kind: "value", short: "o", value: "FILE", help: "write there instead of to standard output" },
  },
  operands: [1, 1],
  async execute({ args, runtime, signal, surroundings }) {
    const { stdout, cwd, writeFile } = surroundings;
    const [operand = ""] = args.operands;
    const path = args.value("output");
    if (path === undefined && stdout.isTTY)
      throw new UsageError("an archive is not for a terminal", "give -o FILE, or send the output somewhere");
    const connected = await runtime();
    // A container that is not there makes no file.
    const { status } = await connected.get(operand, { signal });
    const chunks = connected.exportFiles(status.id, { signal });
    if (path !== undefined) await writeFile(resolve(cwd, path), chunks);
    else for await (const chunk of chunks) await stdout.write(chunk);
    return 0;
  },
};
