import { types } from "node:util";

/**
 * A deep copy of plain data: what a caller holds and what the runtime holds must not be one object. Not
 * `structuredClone`, whose objects belong to another realm under Jest, where `toStrictEqual` tells them apart.
 */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (types.isDate(value)) return new Date(value.getTime());
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item));
  if (typeof value !== "object" || value === null) return value;
  // fromEntries defines properties, so a label `__proto__` is only a label.
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, copyOf(item)]));
}
