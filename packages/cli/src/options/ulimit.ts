import { invalid, type Ulimit } from "@voiyd/runtime-api";
import { parseKeyValue } from "./key-value.js";

/** The limit of `name=soft[:hard]`; `-1` is without a limit, and a hard limit that is absent is the soft one. */
export function parseUlimit(text: string): Ulimit {
  const [name, value] = parseKeyValue("--ulimit", text);
  const match = /^(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(value);
  if (match === null) throw invalid("--ulimit", text, "NAME=SOFT[:HARD], with whole numbers or -1 for no limit");
  const soft = Number(match[1]);
  return { name, soft, hard: match[2] === undefined ? soft : Number(match[2]) };
}
