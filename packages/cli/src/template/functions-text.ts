import { toJson } from "../output/escape.js";
import type { ArgumentValue, Fail, TemplateFunction } from "./function.js";
import { described, isFields, isList, printed, whole } from "./value.js";

const MOST_BLANKS = 4096;
/** A letter at the beginning of a word. */
const INITIAL = /(?<![\p{L}\p{Nd}_])\p{L}/gu;

/** Docker's own functions. */
export const textFunctions: Readonly<Record<string, TemplateFunction>> = {
  json: { arity: [1, 1], call: ([value = null]) => toJson(value) },
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  title: onText((text) => text.replace(INITIAL, (letter) => letter.toUpperCase())),
  split: {
    arity: [2, 2],
    call: ([text = null, separator = null], fail) => {
      const by = textOf(separator, fail);
      return by === "" ? Array.from(textOf(text, fail)) : textOf(text, fail).split(by);
    },
  },
  join: {
    arity: [2, 2],
    call: ([list = null, separator = null], fail) => {
      const between = textOf(separator, fail);
      if (list === null) return "";
      if (!isList(list)) throw fail(`it takes a list, not ${described(list)}`);
      return list.map((item) => scalar(whole(item), fail)).join(between);
    },
  },
  pad: {
    arity: [3, 3],
    call: ([value = null, before = null, after = null], fail) => {
      const text = textOf(value, fail);
      return text === "" ? "" : blanks(before, fail) + text + blanks(after, fail);
    },
  },
  truncate: {
    arity: [2, 2],
    call: ([value = null, length = null], fail) =>
      Array.from(textOf(value, fail)).slice(0, countOf(length, fail)).join(""),
  },
};

/** Those for the row of titles, which are to be left as they are. */
export const titleFunctions: Readonly<Record<string, TemplateFunction>> = {
  json: { arity: [1, 1], call: ([value = null]) => value },
  lower: onText((text) => text),
  upper: onText((text) => text),
  title: onText((text) => text),
  truncate: { arity: [2, 2], call: ([value = null]) => value },
};

function onText(change: (text: string) => string): TemplateFunction {
  return { arity: [1, 1], call: ([value = null], fail) => change(textOf(value, fail)) };
}

function textOf(value: ArgumentValue, fail: Fail): string {
  if (typeof value === "string") return value;
  throw fail(`it takes a text, not ${described(value)}`);
}

function scalar(value: ArgumentValue, fail: Fail): string {
  if (isList(value) || isFields(value)) throw fail(`it joins texts, not ${described(value)}`);
  return printed(value);
}

function countOf(value: ArgumentValue, fail: Fail): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw fail(`${described(value)} is no number of characters`);
}

function blanks(value: ArgumentValue, fail: Fail): string {
  const count = countOf(value, fail);
  if (count > MOST_BLANKS) throw fail(`${count} blanks are too many`);
  return " ".repeat(count);
}
