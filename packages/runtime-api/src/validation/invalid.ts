import { RuntimeError } from "../runtime-error.js";

/** The error for an option that is not as it must be: names the option, shows the value, says what is allowed. */
export function invalid(option: string, value: unknown, allowed: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${show(value)} is not valid`, {
    hint: `${option} must be ${allowed}`,
    details: { option },
  });
}

const SHOWN_LENGTH = 80;

/** What JSON leaves as it is, and a terminal obeys: DEL, C1 controls, and what turns the direction of text around. */
const UNESCAPED = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Escaped, so that a hostile value cannot write to a terminal through an error message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function" || (typeof value === "object" && value !== null)) return "an object";
  const json = typeof value === "string" ? JSON.stringify(value) : String(value);
  const text = json.replace(UNESCAPED, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
