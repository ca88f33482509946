import type { ArgumentValue, Fail, TemplateFunction } from "./function.js";
import { described, isFields, isList, whole, type Value } from "./value.js";

/** What lists, maps and texts are made of. Texts are counted in bytes, as Go counts them. */
export const listFunctions: Readonly<Record<string, TemplateFunction>> = {
  len: {
    arity: [1, 1],
    call: ([value = null], fail) => {
      if (typeof value === "string") return Buffer.byteLength(value);
      if (isList(value)) return value.length;
      if (isFields(value)) return Object.keys(value).length;
      throw fail(`${described(value)} has no length`);
    },
  },
  index: {
    arity: [1, Infinity],
    call: ([value = null, ...keys], fail) => {
      let found: Value = value;
      for (const key of keys) found = itemOf(whole(found), key, fail);
      return found;
    },
  },
  slice: {
    arity: [1, 3],
    call: ([value = null, from = 0, to], fail) => {
      if (typeof value !== "string" && !isList(value)) throw fail(`${described(value)} has no parts`);
      const parts = typeof value === "string" ? Buffer.from(value) : value;
      const [start, end] = [position(from, fail), position(to ?? parts.length, fail)];
      if (start > end || end > parts.length) throw fail(`there is nothing from ${start} to ${end} of ${parts.length}`);
      const part = parts.slice(start, end);
      return Buffer.isBuffer(part) ? part.toString() : part;
    },
  },
};

function itemOf(value: ArgumentValue, key: ArgumentValue, fail: Fail): Value {
  if (isList(value)) {
    const item = value[position(key, fail)];
    if (item === undefined) throw fail(`there is no ${described(key)} in a list of ${value.length}`);
    return item;
  }
  if (!isFields(value)) throw fail(`${described(value)} has no items`);
  if (typeof key !== "string") throw fail(`the items of a map have names, and ${described(key)} is none`);
  if (Object.hasOwn(value, key)) return value[key] ?? null;
  // As in Go: of a map of texts, such as labels, an item that is not there is an empty text.
  return Object.values(value).every((item) => typeof item === "string") ? "" : null;
}

function position(value: ArgumentValue, fail: Fail): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw fail(`${described(value)} is no position`);
}
