import { RuntimeError } from "@voiyd/runtime-api";

/** RFC 1123, and the underscore that names of containers have. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const HOST_NAME_MAX_BYTES = 253;

/** Whether `text` can stand as a name in a hosts file. */
export function isHostName(text: unknown): text is string {
  return typeof text === "string" && text.length <= HOST_NAME_MAX_BYTES && HOST_NAME.test(text);
}

/** Throws `INVALID_ARGUMENT` for a name that a hosts file cannot hold: a line break in one would be a line of its own. */
export function assertHostNames(names: readonly string[], option: string): void {
  names.forEach((name, index) => {
    if (isHostName(name)) return;
    throw new RuntimeError(
      "INVALID_ARGUMENT",
      `${option}[${String(index)}]: ${JSON.stringify(name).slice(0, 80)} is not a host name`,
      {
        hint: "A host name consists of letters, digits, '-', '_' and '.', at most 253 of them",
        details: { option: `${option}[${String(index)}]` },
      },
    );
  });
}
