import { ID_MAX_LEN } from "./constants.js";

declare const idBrand: unique symbol;

/** A full container id. Branded, so that a name cannot be passed where only an id is right. */
export type ID = string & { readonly [idBrand]: true };

/**
 * Containerd's grammar for identifiers (`pkg/identifiers`), with this project's length limit of {@link ID_MAX_LEN}.
 * No path separator and no dot at either end can occur, so an id is safe as a file name.
 */
const ID_PATTERN = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** Whether `value` is a well-formed container id; says nothing about whether such a container exists. */
export function isId(value: unknown): value is ID {
  return typeof value === "string" && value.length <= ID_MAX_LEN && ID_PATTERN.test(value);
}

/** A new random container id: 64 lower-case hexadecimal digits, 256 bits from the platform's secure random source. */
export function generateId(): ID {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(ID_MAX_LEN / 2));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!isId(id)) throw new TypeError("generated an id outside of the grammar");
  return id;
}
