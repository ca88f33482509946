import { RuntimeError } from "@voiyd/runtime-api";
import { parse } from "smol-toml";
import { asObject, member, optionalString, optionalStrings } from "../document/json-reader.js";
import type { JsonObject } from "../document/json-reader.js";

/** One server of a `hosts.toml`, as written: files are still names. */
export interface HostEntry {
  /** With its scheme; without the API's path, unless `overridePath`. `undefined` for the registry itself. */
  readonly server: URL | undefined;
  readonly capabilities: readonly string[];
  readonly ca: readonly string[];
  /** Certificate and key; the key is in the certificate's file when there is none. */
  readonly client: readonly (readonly [cert: string, key?: string])[];
  readonly skipVerify: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly overridePath: boolean;
  readonly dialTimeoutMs?: number;
}

const CAPABILITIES: readonly string[] = ["pull", "resolve", "push", "referrers"];
const ALL: readonly string[] = ["pull", "resolve", "push"];

/**
 * Reads a `hosts.toml` of containerd: the servers in the order of the file, then `server`, or the registry itself where
 * there is none. Throws `FAILED_PRECONDITION`, naming the file and the key: containerd falls back to the registry
 * silently, which sends requests where the operator did not want them.
 */
export function parseHostsToml(text: string, path: string): readonly HostEntry[] {
  const fail = (problem: string): never => {
    throw new RuntimeError("FAILED_PRECONDITION", `${path}: ${problem}`, { details: { path } });
  };
  let root: JsonObject;
  try {
    root = parse(text);
  } catch {
    // The parser quotes the lines around a mistake; a header in them may be a secret.
    return fail("is not TOML");
  }
  try {
    // TOML tables keep the order in which they were written, since none of their names is a number.
    const mirrors = Object.entries(asObject(member(root, "host") ?? {}, "host")).map(([url, value]) =>
      readEntry(asObject(value, `host.${JSON.stringify(url)}`), serverUrl(url)),
    );
    const server = optionalString(root, "server", "hosts.toml");
    return [...mirrors, readEntry(root, server === undefined ? undefined : serverUrl(server))];
  } catch (error) {
    if (error instanceof RuntimeError) return fail(error.message);
    throw error;
  }
}

function readEntry(table: JsonObject, server: URL | undefined): HostEntry {
  const where = server?.host ?? "hosts.toml";
  const capabilities = optionalStrings(table, "capabilities", where) ?? ALL;
  const unknown = capabilities.find((name) => !CAPABILITIES.includes(name));
  if (unknown !== undefined) throw wrong(`${where}.capabilities`, `holds ${JSON.stringify(unknown)}`);
  const timeout = optionalString(table, "dial_timeout", where);
  return {
    server,
    capabilities,
    ca: stringOrList(table, "ca", where),
    client: readClient(table, where),
    skipVerify: flag(table, "skip_verify", where),
    headers: readHeaders(table, where),
    overridePath: flag(table, "override_path", where),
    ...(timeout !== undefined && { dialTimeoutMs: duration(timeout, `${where}.dial_timeout`) }),
  };
}

function serverUrl(text: string): URL {
  const full = /^https?:\/\//.test(text) ? text : `https://${text}`;
  if (!URL.canParse(full)) throw wrong(JSON.stringify(text), "is no URL");
  const url = new URL(full);
  if (url.username !== "" || url.password !== "") throw wrong(url.host, "carries credentials in its URL");
  return url;
}

function stringOrList(table: JsonObject, key: string, where: string): readonly string[] {
  const value = member(table, key);
  return typeof value === "string" ? [value] : (optionalStrings(table, key, where) ?? []);
}

function readClient(table: JsonObject, where: string): HostEntry["client"] {
  const value = member(table, "client") ?? [];
  const list: readonly unknown[] = typeof value === "string" ? [value] : Array.isArray(value) ? value : [undefined];
  return list.map((item): readonly [string, string?] => {
    if (typeof item === "string") return [item];
    const pair: readonly unknown[] = Array.isArray(item) ? item : [];
    const [cert, key] = pair;
    if (typeof cert === "string" && typeof key === "string" && pair.length === 2)
      return key === "" ? [cert] : [cert, key];
    throw wrong(`${where}.client`, "is no file, list of files or list of pairs of files");
  });
}

function readHeaders(table: JsonObject, where: string): Readonly<Record<string, string>> {
  const object = asObject(member(table, "header") ?? {}, `${where}.header`);
  return Object.fromEntries(
    Object.keys(object).map((name) => {
      const value = stringOrList(object, name, `${where}.header`).join(", ");
      if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
        throw wrong(`${where}.header`, `${JSON.stringify(name)} is no header`);
      return [name.toLowerCase(), value];
    }),
  );
}

function flag(table: JsonObject, key: string, where: string): boolean {
  const value = member(table, key) ?? false;
  if (typeof value !== "boolean") throw wrong(`${where}.${key}`, "is neither true nor false");
  return value;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
]);

/** Go's notation, as far as a timeout needs it: `500ms`, `2s`, `1m30s`. */
function duration(text: string, where: string): number {
  if (!/^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m))+$/.test(text)) throw wrong(where, "is no duration, as 500ms or 5s");
  const parts = text.matchAll(/([0-9.]+)(ms|s|m)/g);
  return Array.from(parts, ([, number, unit = ""]) => Number(number) * (UNITS.get(unit) ?? 0)).reduce((a, b) => a + b);
}

function wrong(where: string, problem: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${where} ${problem}`);
}
