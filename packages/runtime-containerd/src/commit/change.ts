import { posix } from "node:path";
import { invalid, parseSignal, RuntimeError } from "@voiyd/runtime-api";
import type { RunSettings } from "./run-settings.js";
import { splitWords } from "./split-words.js";

/** What an instruction of a Dockerfile does to how an image is run. `hasCmd`: a `CMD` came before it. */
type Instruction = (settings: RunSettings, rest: string, hasCmd: boolean) => RunSettings;

const INSTRUCTIONS: Readonly<Record<string, Instruction>> = {
  CMD: (settings, rest) => ({ ...settings, cmd: commandOf(rest) }),
  // As in a Dockerfile: arguments were meant for the entrypoint that they stood with.
  ENTRYPOINT: (settings, rest, hasCmd) => ({
    ...settings,
    entrypoint: commandOf(rest),
    cmd: hasCmd ? settings.cmd : undefined,
  }),
  ENV: (settings, rest) => ({ ...settings, env: new Map([...settings.env, ...pairs(rest)]) }),
  EXPOSE: (settings, rest) => ({
    ...settings,
    exposedPorts: new Set([...settings.exposedPorts, ...splitWords(rest).flatMap(portsOf)]),
  }),
  LABEL: (settings, rest) => ({ ...settings, labels: new Map([...settings.labels, ...pairs(rest)]) }),
  STOPSIGNAL: (settings, rest) => {
    parseSignal(rest, "changes");
    return { ...settings, stopSignal: rest };
  },
  USER: (settings, rest) => ({ ...settings, user: oneWord(rest) }),
  VOLUME: (settings, rest) => ({
    ...settings,
    volumes: new Set([...settings.volumes, ...(jsonList(rest) ?? splitWords(rest))]),
  }),
  WORKDIR: (settings, rest) => ({
    ...settings,
    workingDir: posix.resolve("/", settings.workingDir ?? "/", splitWords(rest).join(" ")),
  }),
};

/** Follows instructions of a Dockerfile, in their order. Throws `INVALID_ARGUMENT`. */
export function applyChanges(settings: RunSettings, changes: readonly string[]): RunSettings {
  let hasCmd = false;
  return changes.reduce((before, text) => {
    const [, word = "", rest = ""] = /^\s*(\w+)\s+([^]*?)\s*$/.exec(text) ?? [];
    const name = word.toUpperCase();
    const instruction = Object.hasOwn(INSTRUCTIONS, name) ? INSTRUCTIONS[name] : undefined;
    if (instruction === undefined || rest === "" || text.includes("\0"))
      throw invalid("changes", text, `an instruction with what it sets: ${Object.keys(INSTRUCTIONS).join(", ")}`);
    try {
      return instruction(before, rest, hasCmd);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new RuntimeError("INVALID_ARGUMENT", `changes: ${JSON.stringify(text)}: ${error.message}`);
    } finally {
      hasCmd ||= name === "CMD";
    }
  }, settings);
}

/** A list in brackets, or the words of a shell. */
function commandOf(rest: string): readonly string[] {
  return jsonList(rest) ?? ["/bin/sh", "-c", rest];
}

function jsonList(rest: string): readonly string[] | undefined {
  if (!rest.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    // As in a Dockerfile: what is no list is a text that begins with a bracket.
    return undefined;
  }
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** `NAME=value NAME="other value"`, or, as it was long ago, `NAME value`. */
function pairs(rest: string): readonly (readonly [string, string])[] {
  const [, name = "", value = ""] = /^([^\s=]+)\s+([^]*)$/.exec(rest) ?? [];
  if (name !== "") return [[name, splitWords(value).join(" ")]];
  return splitWords(rest).map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw new SyntaxError(`${word} is no NAME=value`);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
}

function portsOf(text: string): readonly string[] {
  const [, first = "", last = first, protocol = "tcp"] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from < 1 || to > 65_535 || from > to)
    throw new SyntaxError(`${text} is no port or range of ports`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${String(from + index)}/${protocol.toLowerCase()}`);
}

function oneWord(rest: string): string {
  const words = splitWords(rest);
  const [only] = words;
  if (only === undefined || words.length > 1) throw new SyntaxError("one word is needed");
  return only;
}
