import { invalid } from "./invalid.js";

/** Docker's grammar for container names. A name becomes a folder, so neither a separator nor a leading dot can occur. */
const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** In characters. Leaves room for prefixes and suffixes in a file name of 255. */
export const NAME_MAX_LEN = 128;

export function isContainerName(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_MAX_LEN && NAME_PATTERN.test(value);
}

/** Throws `INVALID_ARGUMENT` for what cannot be a container's name. */
export function assertContainerName(name: unknown): asserts name is string {
  if (!isContainerName(name)) {
    throw invalid(
      "name",
      name,
      `1 to ${String(NAME_MAX_LEN)} letters, digits, ".", "_" or "-", a letter or digit first`,
    );
  }
}
