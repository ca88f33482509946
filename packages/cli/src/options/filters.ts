import { invalid } from "@voiyd/runtime-api";
import { parseKeyValue } from "./key-value.js";

/** The values of `--filter KEY=VALUE`, by their keys. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** Throws `INVALID_ARGUMENT` for a key that is none of `keys`. */
export function readFilters(texts: readonly string[], keys: readonly string[]): Filters {
  const given = new Map<string, string[]>();
  for (const text of texts) {
    const [key, value] = parseKeyValue("--filter", text);
    if (!keys.includes(key)) throw invalid("--filter", text, `one of ${keys.join(", ")}, each with a value`);
    given.set(key, [...(given.get(key) ?? []), value]);
  }
  return given;
}
