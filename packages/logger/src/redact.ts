import { types } from "node:util";
import { isSecretName, REDACTED, redactText } from "./secret.js";

const DEEPEST = 8;

/** A plain copy of `fields`, ready for JSON: secrets hidden, errors as objects with their code, cycles cut. Never throws. */
export function redactFields(fields: object): Record<string, unknown> {
  try {
    return plainEntries(Object.entries(fields), [fields]);
  } catch {
    // A getter threw. The message is worth more than its fields.
    return { fields: "[unreadable]" };
  }
}

function plainOf(value: unknown, parents: readonly object[]): unknown {
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
    case "symbol":
      return String(value);
    case "function":
      return "[function]";
    case "object":
      return value === null ? null : plainWithin(value, parents);
    default:
      return value;
  }
}

function plainWithin(value: object, parents: readonly object[]): unknown {
  if (parents.includes(value)) return "[circular]";
  if (parents.length >= DEEPEST) return "[too deep]";
  try {
    return plainObject(value, [...parents, value]);
  } catch {
    // A getter or a proxy threw. The line is worth more than this field.
    return "[unreadable]";
  }
}

function plainObject(value: object, parents: readonly object[]): unknown {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (types.isNativeError(value)) return plainError(value, parents);
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (value instanceof URL) return redactText(value.href);
  if (types.isSet(value)) return Array.from(value, (item) => plainOf(item, parents));
  if (Array.isArray(value)) return value.map((item) => plainOf(item, parents));
  return plainEntries(types.isMap(value) ? [...value.entries()] : Object.entries(value), parents);
}

function plainEntries(
  entries: readonly (readonly [unknown, unknown])[],
  parents: readonly object[],
): Record<string, unknown> {
  // An environment variable or a header as an object: `{ name: "DB_PASSWORD", value: "…" }`.
  const namesSecret = entries.some(([key, item]) => key === "name" && typeof item === "string" && isSecretName(item));
  // fromEntries defines properties, so a key like `__proto__` is only a key.
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const name = String(key);
      const secret = isSecretName(name) || (namesSecret && name === "value");
      return [name, secret && item !== undefined && item !== null ? REDACTED : plainOf(item, parents)];
    }),
  );
}

/** What an error says: its code first. One without a code was not foreseen, and shows where it comes from. */
function plainError(error: Error, parents: readonly object[]): Record<string, unknown> {
  const code = "code" in error ? error.code : undefined;
  const shown = new Map<string, unknown>([
    ["name", error.name],
    ["code", code],
    ["message", error.message],
    ...Object.entries(error),
  ]);
  if (code === undefined) shown.set("stack", error.stack);
  if (error.cause !== undefined) shown.set("cause", error.cause);
  if ("errors" in error) shown.set("errors", error.errors);
  return plainEntries(
    [...shown].filter(([, value]) => value !== undefined),
    parents,
  );
}
