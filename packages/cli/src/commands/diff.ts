import type { FileChange } from "@voiyd/runtime-api";
import { escapeText } from "../output/escape.js";
import type { Command } from "./command.js";

const LETTERS: Readonly<Record<FileChange["kind"], string>> = { added: "A", changed: "C", deleted: "D" };

/** `voiyd diff`. */
export const diff: Command = {
  usage: "diff CONTAINER",
  summary: "Show what a container has changed in the files of its image",
  options: {},
  operands: [1, 1],
  async execute({ args, runtime, signal, surroundings }) {
    const [container = ""] = args.operands;
    const changes = await (await runtime()).diff(container, { signal });
    await surroundings.stdout.write(changes.map(({ kind, path }) => `${LETTERS[kind]} ${escapeText(path)}\n`).join(""));
    return 0;
  },
};
