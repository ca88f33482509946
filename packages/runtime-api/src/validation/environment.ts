import type { EnvVar } from "../container.js";
import { invalid } from "./invalid.js";

/** Throws `INVALID_ARGUMENT` for variables that no environment can hold (`environ(7)`). */
export function assertEnvironment(envvars: readonly EnvVar[]): void {
  for (const { name, value } of envvars) {
    if (typeof name !== "string" || name === "" || name.includes("=") || name.includes("\0")) {
      throw invalid("envvars", name, 'named by at least one character, without "=" and NUL');
    }
    // The value can be a secret: never part of the message.
    if (typeof value !== "string" || value.includes("\0")) {
      throw invalid(`envvars[${JSON.stringify(name)}]`, "(not shown)", "a string without NUL");
    }
  }
}
