import { resolve } from "node:path/posix";
import { invalid, parseSignal, RuntimeError } from "@voiyd/runtime-api";
import type { MemoryImage } from "./options.js";

type Change = (image: MemoryImage, rest: string, hasCmd: boolean) => MemoryImage;

/** What there is nothing of in memory is understood, and changes nothing. */
const nothing: Change = (image) => image;

const INSTRUCTIONS: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["CMD", (image, rest) => ({ ...image, args: commandOf(rest) })],
  [
    "ENTRYPOINT",
    ({ args, ...image }, rest, hasCmd) => ({
      ...image,
      entrypoint: commandOf(rest),
      ...(args === undefined || !hasCmd ? {} : { args }),
    }),
  ],
  ["ENV", (image, rest) => ({ ...image, envvars: [...(image.envvars ?? []), ...wordsOf(rest).map(variableOf)] })],
  ["EXPOSE", nothing],
  ["LABEL", nothing],
  [
    "STOPSIGNAL",
    (image, rest) => {
      parseSignal(rest, "changes");
      return { ...image, stopSignal: rest };
    },
  ],
  ["USER", (image, rest) => ({ ...image, user: rest })],
  ["VOLUME", nothing],
  ["WORKDIR", (image, rest) => ({ ...image, workingDir: resolve("/", image.workingDir ?? "/", rest) })],
]);

/** Follows instructions of a Dockerfile. Throws `INVALID_ARGUMENT`, and `UNIMPLEMENTED` for quotes and backslashes in `ENV`. */
export function applyChanges(image: MemoryImage, changes: readonly string[]): MemoryImage {
  let hasCmd = false;
  return changes.reduce((before, text) => {
    const [, word = "", rest = ""] = /^\s*(\w+)\s+([^]*?)\s*$/.exec(text) ?? [];
    const change = INSTRUCTIONS.get(word.toUpperCase());
    if (change === undefined || rest === "")
      throw invalid("changes", text, `an instruction with what it sets: ${[...INSTRUCTIONS.keys()].join(", ")}`);
    const after = change(before, rest, hasCmd);
    hasCmd ||= word.toUpperCase() === "CMD";
    return after;
  }, image);
}

/** A list in brackets, or the words of a shell. */
function commandOf(rest: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(rest);
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return ["/bin/sh", "-c", rest];
}

function wordsOf(rest: string): readonly string[] {
  if (/["'\\]/.test(rest)) throw new RuntimeError("UNIMPLEMENTED", `the simulation reads no quotes: ${rest}`);
  return rest.split(/\s+/);
}

function variableOf(word: string): { readonly name: string; readonly value: string } {
  const equals = word.indexOf("=");
  if (equals < 1) throw invalid("changes", word, "NAME=value");
  return { name: word.slice(0, equals), value: word.slice(equals + 1) };
}
