import { isJsonObject, objectAt, stringAt, type JsonObject, type JsonValue } from "../protocol/json.js";
import { both, lookupsOf, matchesOf, type PacketMatch } from "./nft-match.js";
import type { NftRule, NftRuleset, NftTable } from "./nft-ruleset.js";

/** A way into a chain, and what a packet has to be to take it. */
interface Way {
  readonly from: string;
  readonly matches: readonly PacketMatch[];
}

/** How packets come into the chains of one table: by jumps of rules, and by verdicts in maps. */
export class NftJumps {
  readonly #ways = new Map<string, Way[]>();
  readonly #known = new Map<string, readonly PacketMatch[]>();

  /** Throws `ElementsMissing`. */
  constructor(ruleset: NftRuleset, { family, table }: NftTable) {
    for (const rule of ruleset.rules) {
      if (rule.family === family && rule.table === table) this.#read(rule, ruleset);
    }
  }

  /** What packets with known ports may come into a chain, by whatever way. */
  into(chain: string): readonly PacketMatch[] {
    const known = this.#known.get(chain);
    if (known !== undefined) return known;
    // Whoever comes by here again goes in a circle, and learns nothing there.
    this.#known.set(chain, []);
    const found = (this.#ways.get(chain) ?? []).flatMap(({ from, matches }) =>
      matches.flatMap((match) =>
        match.ports === undefined ? this.into(from).map((outer) => both(outer, match)) : [match],
      ),
    );
    this.#known.set(chain, found);
    return found;
  }

  #read(rule: NftRule, ruleset: NftRuleset): void {
    for (const expression of rule.expressions) {
      const target = targetOf(expression);
      if (target !== undefined) this.#add(rule.chain, target, matchesOf(rule.expressions, ruleset, rule));
      const map = objectAt(expression, "vmap");
      if (map === undefined) continue;
      const outer = matchesOf(rule.expressions, ruleset, rule);
      for (const { match, value } of lookupsOf(map, ruleset, rule)) {
        const chosen = targetOf(value);
        const matches = outer.map((one) => both(one, match));
        if (chosen !== undefined) this.#add(rule.chain, chosen, matches);
      }
    }
  }

  #add(from: string, target: string, matches: readonly PacketMatch[]): void {
    const ways = this.#ways.get(target) ?? [];
    ways.push({ from, matches });
    this.#ways.set(target, ways);
  }
}

function targetOf(verdict: JsonObject | JsonValue | undefined): string | undefined {
  if (!isJsonObject(verdict)) return undefined;
  return stringAt(objectAt(verdict, "jump") ?? objectAt(verdict, "goto") ?? {}, "target");
}
