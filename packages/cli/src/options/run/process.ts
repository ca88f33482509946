import { parseEnvironment } from "../env.js";
import { parseMode } from "../number.js";
import { readOptionFile } from "../option-file.js";
import { commaList, list, type RunFlags, single } from "./run-flag.js";

/** The container's first process. */
export const PROCESS_FLAGS: RunFlags = {
  entrypoint: single({ value: "COMMAND", help: "instead of the image's entrypoint; empty for none" }, (draft, text) => {
    draft.config.entrypoint = text === "" ? [] : [text];
  }),
  workdir: single({ short: "w", value: "PATH", help: "where the command starts" }, (draft, text) => {
    if (text !== "") draft.config.workingDir = text;
  }),
  "env-file": list({ value: "FILE", help: "set the variables of a file" }, async (draft, paths, sources) => {
    const files = await Promise.all(
      paths.map(async (path) => ({ path, text: await readOptionFile("--env-file", path, sources) })),
    );
    draft.config.envvars = parseEnvironment([], files, sources.env);
  }),
  env: list(
    { short: "e", value: "NAME[=VALUE]", help: "set a variable, or pass on one of ours" },
    (draft, texts, { env }) => {
      const own = parseEnvironment(texts, [], env);
      const inherited = (draft.config.envvars ?? []).filter(({ name }) => own.every((one) => one.name !== name));
      draft.config.envvars = [...inherited, ...own];
    },
  ),
  user: single({ short: "u", value: "USER[:GROUP]", help: "names or numbers" }, (draft, text) => {
    if (text !== "") draft.config.user = text;
  }),
  "group-add": commaList({ value: "GROUP", help: "a further group, as a name or a number" }, (draft, texts) => {
    draft.config.groupAdd = texts;
  }),
  umask: single({ value: "MODE", help: "the file mode creation mask, in octal" }, (draft, text) => {
    draft.config.umask = parseMode("--umask", text);
  }),
};
