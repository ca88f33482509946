import { isRecord } from "../../container/json.js";

/** A specification as single facts: where, and what. What has no order is keyed by what it is. */
export type Facets = ReadonlyMap<string, string>;

/** What lists are keyed by, so that a list in another order is the same. */
const KEYS: Readonly<Record<string, (item: Readonly<Record<string, unknown>>) => string>> = {
  mounts: (mount) => String(mount["destination"]),
  "linux.namespaces": (namespace) => String(namespace["type"]),
  "linux.devices": (device) => String(device["path"]),
  "process.rlimits": (limit) => String(limit["type"]),
};

export function facets(spec: unknown): Facets {
  const found = new Map<string, string>();
  visit(spec, "", found);
  return found;
}

function visit(value: unknown, path: string, found: Map<string, string>): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) visitList(value, path, found);
  else if (isRecord(value)) {
    // That something is there says as much as what is in it: a namespace without a path is a new one.
    if (path.endsWith("]")) found.set(path, "there");
    for (const [key, item] of Object.entries(value)) visit(item, member(path, key), found);
  } else found.set(path, text(value));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A key with dots in it, as those of sysctls have, is written in brackets. */
function member(path: string, key: string): string {
  if (key.includes(".") || key.includes("/")) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function visitList(list: readonly unknown[], path: string, found: Map<string, string>): void {
  if (path === "process.env") {
    for (const entry of list.map(String))
      found.set(`${path}[${entry.split("=", 1)[0] ?? ""}]`, entry.slice(entry.indexOf("=") + 1));
  } else if (path === "process.args") found.set(path, JSON.stringify(list));
  else if (path === "linux.seccomp.syscalls") visitSyscalls(list, path, found);
  else {
    for (const item of list) {
      // A rule is said as a whole in its key.
      if (path === "linux.resources.devices" && isRecord(item)) found.set(`${path}[${deviceRule(item)}]`, "there");
      else if (isRecord(item)) visit(item, `${path}[${(KEYS[path] ?? JSON.stringify)(item)}]`, found);
      else found.set(`${path}[${String(item)}]`, "there");
    }
  }
}

function deviceRule(rule: Readonly<Record<string, unknown>>): string {
  // -1 and an absent number both stand for all of them.
  const number = (key: string): string => (rule[key] === undefined || rule[key] === -1 ? "*" : text(rule[key]));
  const access = ["m", "r", "w"].filter((letter) => text(rule["access"]).includes(letter)).join("");
  return `${rule["allow"] === true ? "allow" : "deny"} ${text(rule["type"] ?? "a")} ${number("major")}:${number("minor")} ${access}`;
}

/** By system call: what happens to it, under which conditions. */
function visitSyscalls(rules: readonly unknown[], path: string, found: Map<string, string>): void {
  const byName = new Map<string, string[]>();
  for (const rule of rules.filter(isRecord)) {
    const { names, args, ...what } = rule;
    const conditions = Array.isArray(args) ? args : [];
    const said = `${String(what["action"])}${what["errnoRet"] === undefined ? "" : ` ${text(what["errnoRet"])}`}${conditions.length === 0 ? "" : ` ${JSON.stringify(conditions)}`}`;
    for (const name of Array.isArray(names) ? names.map(String) : [])
      byName.set(name, [...(byName.get(name) ?? []), said]);
  }
  for (const [name, said] of byName) found.set(`${path}[${name}]`, said.sort().join("; "));
}

export interface Difference {
  readonly field: string;
  /** `-` for nothing. */
  readonly docker: string;
  readonly ours: string;
}

export function differences(docker: Facets, ours: Facets): readonly Difference[] {
  const fields = [...new Set([...docker.keys(), ...ours.keys()])].sort();
  return fields
    .map((field) => ({ field, docker: docker.get(field) ?? "-", ours: ours.get(field) ?? "-" }))
    .filter((item) => item.docker !== item.ours);
}
