import type { ArgumentValue, Fail, TemplateFunction } from "./function.js";
import { described, isTrue } from "./value.js";

/** `eq` and its like, and the words of logic. */
export const compareFunctions: Readonly<Record<string, TemplateFunction>> = {
  eq: {
    arity: [2, Infinity],
    call: ([first = null, ...others], fail) => others.some((other) => isSame(first, other, fail)),
  },
  ne: { arity: [2, 2], call: ([a = null, b = null], fail) => !isSame(a, b, fail) },
  lt: { arity: [2, 2], call: ([a = null, b = null], fail) => isLess(a, b, fail) },
  le: { arity: [2, 2], call: ([a = null, b = null], fail) => !isLess(b, a, fail) },
  gt: { arity: [2, 2], call: ([a = null, b = null], fail) => isLess(b, a, fail) },
  ge: { arity: [2, 2], call: ([a = null, b = null], fail) => !isLess(a, b, fail) },
  not: { arity: [1, 1], call: ([value = null]) => !isTrue(value) },
  // The two decide with as few of their arguments as they can, which is the evaluator's business.
  and: { arity: [1, Infinity], call: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? null },
  or: { arity: [1, Infinity], call: (values) => values.find((value) => isTrue(value)) ?? values.at(-1) ?? null },
};

function isSame(a: ArgumentValue, b: ArgumentValue, fail: Fail): boolean {
  for (const value of [a, b]) {
    if (typeof value === "object" && value !== null) throw fail(`${described(value)} cannot be compared`);
  }
  if (a !== null && b !== null && typeof a !== typeof b) throw unlike(a, b, fail);
  return a === b;
}

function isLess(a: ArgumentValue, b: ArgumentValue, fail: Fail): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  throw unlike(a, b, fail);
}

function unlike(a: ArgumentValue, b: ArgumentValue, fail: Fail): Error {
  return fail(`${described(a)} cannot be compared with ${described(b)}`);
}
