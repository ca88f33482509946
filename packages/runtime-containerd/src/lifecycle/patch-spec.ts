import type { Json } from "../container/read-process.js";
import { isRecord } from "../container/json.js";
import type { NamespaceType } from "../spec/oci.js";

/** "No limit" is the only number of a specification that JavaScript's numbers cannot hold, so this is what was meant. */
const NO_LIMIT = 2n ** 64n - 1n;

/** A specification that was read, as it can be written again: JSON's numbers have lost what does not fit in them. */
export function restoreLimits(process: Json): Json {
  const { rlimits } = process;
  if (!Array.isArray(rlimits)) return process;
  return { ...process, rlimits: rlimits.map((item: unknown) => (isRecord(item) ? withLimits(item) : item)) };
}

function withLimits(item: Json): Json {
  const restore = (value: unknown): unknown =>
    typeof value === "number" && value > Number.MAX_SAFE_INTEGER ? NO_LIMIT : value;
  return { ...item, hard: restore(item["hard"]), soft: restore(item["soft"]) };
}

/** The specification with other namespaces to join: their paths belong to processes, and are new with each start. */
export function withNamespaces(spec: Json, paths: Readonly<Partial<Record<NamespaceType, string>>>): Json {
  const linux = isRecord(spec["linux"]) ? spec["linux"] : {};
  const namespaces: readonly unknown[] = Array.isArray(linux["namespaces"]) ? linux["namespaces"] : [];
  const given: ReadonlyMap<unknown, string> = new Map(Object.entries(paths));
  const patched = namespaces.map((item) => {
    const path = isRecord(item) ? given.get(item["type"]) : undefined;
    return path === undefined || !isRecord(item) ? item : { ...item, path };
  });
  return { ...spec, linux: { ...linux, namespaces: patched } };
}

/** The specification with other limits. The rules for devices stay. */
export function withResources(spec: Json, limits: object): Json {
  const linux = isRecord(spec["linux"]) ? spec["linux"] : {};
  const { devices } = isRecord(linux["resources"]) ? linux["resources"] : {};
  return { ...spec, linux: { ...linux, resources: { ...(devices === undefined ? {} : { devices }), ...limits } } };
}
