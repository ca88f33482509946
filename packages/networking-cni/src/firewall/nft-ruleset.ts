import {
  isJsonObject,
  objectAt,
  objectsAt,
  stringAt,
  tryParseJson,
  type JsonObject,
  type JsonValue,
} from "../protocol/json.js";

/** A table of nftables, by the names that make it one. */
export interface NftTable {
  readonly family: "ip" | "ip6" | "inet";
  readonly table: string;
}

/** A rule as `nft -j` tells it. */
export interface NftRule extends NftTable {
  readonly chain: string;
  readonly expressions: readonly JsonObject[];
}

/** The rules of a host that may say where its traffic goes, and the contents of what they look up. */
export interface NftRuleset {
  readonly rules: readonly NftRule[];
  /** The elements of a set or map; `undefined` where the listing left them out. */
  elements(table: NftTable, name: string): readonly JsonValue[] | undefined;
}

const FAMILIES = ["ip", "ip6", "inet"] as const;

/**
 * Reads what `nft -j list ruleset` prints, with the contents of named sets and maps or, `terse`, without. `undefined` for
 * what is no such listing. What is of another shape is left out.
 */
export function parseNftRuleset(text: string, terse: boolean): NftRuleset | undefined {
  const listing = tryParseJson(text);
  if (!isJsonObject(listing) || !Array.isArray(listing["nftables"])) return undefined;
  const rules: NftRule[] = [];
  const elements = new Map<string, readonly JsonValue[]>();
  for (const entry of objectsAt(listing, "nftables")) {
    const rule = objectAt(entry, "rule");
    const named = objectAt(entry, "map") ?? objectAt(entry, "set");
    const table = tableOf(rule ?? named ?? {});
    if (table === undefined) continue;
    if (rule !== undefined)
      rules.push({ ...table, chain: stringAt(rule, "chain") ?? "", expressions: objectsAt(rule, "expr") });
    if (named !== undefined) elements.set(keyOf(table, stringAt(named, "name") ?? ""), arrayOf(named["elem"]));
  }
  return {
    rules,
    elements: (table, name) => (terse ? undefined : (elements.get(keyOf(table, name)) ?? [])),
  };
}

/** The values of an array; none for anything else. */
export function arrayOf(value: JsonValue | undefined): readonly JsonValue[] {
  const values: readonly JsonValue[] = Array.isArray(value) ? value : [];
  return values;
}

function tableOf(object: JsonObject): NftTable | undefined {
  const family = FAMILIES.find((known) => known === object["family"]);
  const table = stringAt(object, "table");
  return family === undefined || table === undefined ? undefined : { family, table };
}

function keyOf({ family, table }: NftTable, name: string): string {
  return `${family} ${table} ${name}`;
}
