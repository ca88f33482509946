import { RuntimeError } from "@voiyd/runtime-api";

/** An object of a JSON document whose members are still to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function invalidDocument(where: string, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("IMAGE_INVALID", `${where} ${problem}`, cause === undefined ? {} : { cause });
}

/** The JSON object in `bytes`. Throws `IMAGE_INVALID` for more than `limit` bytes, and for what is not UTF-8, JSON or an object. */
export function parseJsonObject(bytes: Uint8Array, where: string, limit: number): JsonObject {
  if (bytes.length > limit)
    throw invalidDocument(where, `has ${String(bytes.length)} bytes; at most ${String(limit)} are read`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw invalidDocument(where, "is not JSON in UTF-8", error);
  }
  return asObject(value, where);
}

export function asObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw invalidDocument(where, "is not an object");
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of an object itself, never of its prototype. `null` counts as absent: Go writes it for empty lists and maps. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}

export function stringMember(object: JsonObject, key: string, where: string): string {
  const value = optionalString(object, key, where);
  if (value === undefined) throw invalidDocument(`${where}.${key}`, "is missing");
  return value;
}

export function optionalString(object: JsonObject, key: string, where: string): string | undefined {
  const value = member(object, key);
  if (value !== undefined && typeof value !== "string") throw invalidDocument(`${where}.${key}`, "is not a string");
  return value;
}

export function listMember(object: JsonObject, key: string, where: string): readonly unknown[] {
  const value = member(object, key) ?? [];
  if (!Array.isArray(value)) throw invalidDocument(`${where}.${key}`, "is not a list");
  return value;
}

export function optionalStrings(object: JsonObject, key: string, where: string): readonly string[] | undefined {
  if (member(object, key) === undefined) return undefined;
  return listMember(object, key, where).map((item) => {
    if (typeof item !== "string") throw invalidDocument(`${where}.${key}`, "holds something else than strings");
    return item;
  });
}

/** A map of strings. `__proto__` becomes a key like others: `fromEntries` defines members, it does not assign them. */
export function optionalStringMap(
  object: JsonObject,
  key: string,
  where: string,
): Readonly<Record<string, string>> | undefined {
  const value = member(object, key);
  if (value === undefined) return undefined;
  const entries = Object.entries(asObject(value, `${where}.${key}`)).map(([name, item]): [string, string] => {
    if (typeof item !== "string") throw invalidDocument(`${where}.${key}`, "holds something else than strings");
    return [name, item];
  });
  return Object.fromEntries(entries);
}

/**
 * Refuses members that differ from a known one only in case. Go reads `Layers` as `layers`, so one document would mean
 * one thing here and another in the daemon.
 */
export function refuseLookalikes(object: JsonObject, known: readonly string[], where: string): void {
  for (const key of Object.keys(object)) {
    const lower = key.toLowerCase();
    const meant = known.find((name) => name.toLowerCase() === lower);
    if (meant !== undefined && meant !== key) {
      throw invalidDocument(where, `has a member ${JSON.stringify(key)}, which some readers take for "${meant}"`);
    }
  }
}
