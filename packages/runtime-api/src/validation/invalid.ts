import { RuntimeError } from "../runtime-error.js";

/** The error for an option that is not as it must be: names the option, shows the value, says what is allowed. */
export function invalid(option: string, value: unknown, allowed: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${show(value)} is not valid`, {
    hint: `${option} must be ${allowed}`,
    details: { option },
  });
}

const SHOWN_LENGTH = 80;

/** JSON escapes control characters, so that a hostile value cannot write to a terminal through an error message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
