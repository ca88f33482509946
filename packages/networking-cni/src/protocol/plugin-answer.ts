import { isJsonObject, numberAt, stringAt, tryParseJson, type JsonObject } from "./json.js";

/** What a plugin said when it failed. CNI specification, section 5, "Error". */
export interface PluginComplaint {
  /** 0 when the plugin gave none. */
  readonly code: number;
  readonly message: string;
  readonly details?: string;
}

/** What a process wrote, as far as reading it needs. */
export interface PluginOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const SHOWN = 500;

/** Reads a failure: JSON on stdout, else what stands on stderr, else what stands on stdout. Never throws. */
export function readComplaint(output: PluginOutput, ending: string): PluginComplaint {
  const answer = tryParseJson(output.stdout);
  if (isJsonObject(answer)) {
    const message = stringAt(answer, "msg") ?? "";
    const details = stringAt(answer, "details") ?? "";
    return {
      code: numberAt(answer, "code") ?? 0,
      message: message === "" ? `no message (${ending})` : message,
      ...(details === "" ? {} : { details }),
    };
  }
  const text = printable(output.stdout.trim() === "" ? output.stderr.trim() : output.stdout.trim());
  return { code: 0, message: text === "" ? `no message (${ending})` : text.slice(-SHOWN) };
}

/** A plugin's text ends up on terminals and in logs, so it must not command them. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\uFFFD");
}

/** Reads the result of an ADD: an object, or the literal `null`, which libcni takes as empty. `undefined` for other text. */
export function readAnswer(stdout: string): JsonObject | undefined {
  const value = tryParseJson(stdout);
  if (value === null) return {};
  return isJsonObject(value) ? value : undefined;
}
