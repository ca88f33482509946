import { describe, expect, test } from "@jest/globals";
import { silentLogger } from "@voiyd/logger";
import fc from "fast-check";
import { Nft } from "../lean/nft.js";
import type { ProcessOutcome } from "../plugin/run-process.js";
import { parsePort } from "../ports/parse-port.js";
import { validatePorts } from "../ports/validate-ports.js";
import { findPublished } from "./find-published.js";
import type { Family } from "./firewall.js";
import { publishedByNft } from "./nft-published.js";
import { parseNftRuleset } from "./nft-ruleset.js";

const QUESTION = { ownTables: [], addresses: ["127.0.0.1"] };
const OUTCOME: ProcessOutcome = { exitCode: 0, signal: null, stdout: "", stderr: "", overflowed: false, durationMs: 0 };

function rule(table: string, ...expr: readonly unknown[]): unknown {
  return { rule: { family: "ip", table, chain: "c", handle: 1, expr } };
}
function listing(...entries: readonly unknown[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6" } }, ...entries] });
}
const dport = (right: unknown): unknown => ({
  match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right },
});
const xt = (type: string, name: string): unknown => ({ xt: { type, name } });

describe("what nft lists", () => {
  test("is read without throwing, whatever it is", () => {
    const word = fc.constantFrom(
      "match",
      "dnat",
      "addr",
      "map",
      "key",
      "data",
      "set",
      "concat",
      "payload",
      "field",
      "@x",
    );
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(fc.integer(), word, fc.array(tie("value")), fc.dictionary(word, tie("value"))),
    })).value;
    fc.assert(
      fc.property(fc.array(json), fc.boolean(), (expr, terse) => {
        const ruleset = parseNftRuleset(listing(rule("t", ...expr, { dnat: expr[0] ?? null })), terse);
        return ruleset !== undefined && Array.isArray(publishedByNft(ruleset, QUESTION).native);
      }),
    );
    expect([parseNftRuleset("", true), parseNftRuleset("{}", true), parseNftRuleset("[1]", true)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("has rules of iptables in part: which ports only iptables can tell is known", () => {
    const published = (...expr: readonly unknown[]): unknown => {
      const ruleset = parseNftRuleset(listing(rule("nat", ...expr)), true);
      return ruleset === undefined ? undefined : [...publishedByNft(ruleset, QUESTION).unread];
    };
    expect(published(dport(80), xt("target", "DNAT"))).toEqual([]);
    expect(published(xt("match", "multiport"), xt("target", "DNAT"))).toEqual([4]);
    expect(published(xt("match", "tcp"), xt("target", "REDIRECT"))).toEqual([4]);
    expect(published(xt("match", "comment"), xt("target", "DNAT"))).toEqual([]);
    expect(published(xt("match", "multiport"), xt("target", "MASQUERADE"))).toEqual([]);
    // Older releases of nft print nothing of them.
    expect(published({ xt: null })).toEqual([4]);
  });

  test("is not complete where a set or a map of a name has been left out", () => {
    const incomplete = (terse: boolean, ...expr: readonly unknown[]): unknown => {
      const ruleset = parseNftRuleset(listing(rule("t", ...expr)), terse);
      return ruleset === undefined ? undefined : publishedByNft(ruleset, QUESTION).incomplete;
    };
    const dnat = { dnat: { addr: "10.0.0.2" } };
    expect(incomplete(true, dport("@some"), dnat)).toBe(true);
    expect(incomplete(false, dport("@some"), dnat)).toBe(false);
    expect(incomplete(true, dport("@some"), { accept: null })).toBe(false);
    expect(incomplete(true, dport({ set: [] }), dnat)).toBe(true);
  });
});

describe("the firewall's rules", () => {
  const look = { wanted: validatePorts(parsePort("80:80")), ownTables: () => Promise.resolve([]) };
  const signal = new AbortController().signal;

  async function asked(nft: Partial<ProcessOutcome> | "absent", legacy: readonly Family[] = []): Promise<unknown> {
    const families: Family[] = [];
    const find = findPublished({
      nft: new Nft(() =>
        nft === "absent"
          ? Promise.reject(Object.assign(new Error("spawn nft ENOENT"), { code: "ENOENT" }))
          : Promise.resolve({ ...OUTCOME, ...nft }),
      ),
      firewall: {
        read: (family) => {
          families.push(family);
          return Promise.resolve([]);
        },
      },
      legacyNat: () => Promise.resolve(legacy),
      logger: silentLogger,
    });
    await find(look, signal);
    return families;
  }

  test("are asked of iptables where nft cannot tell", async () => {
    expect(await asked({ stdout: listing() })).toEqual([]);
    expect(await asked("absent")).toEqual([4, 6]);
    expect(await asked({ exitCode: 1, stderr: "Error: JSON support not compiled-in" })).toEqual([4, 6]);
    expect(await asked({ stdout: "table ip nat {" })).toEqual([4, 6]);
    expect(await asked({ stdout: listing() }, [6])).toEqual([6]);
    expect(await asked({ stdout: listing(rule("nat", dport(80), xt("target", "DNAT"))) })).toEqual([4]);
    expect(await asked({ stdout: listing(rule("nat", dport(81), xt("target", "DNAT"))) })).toEqual([]);
  });
});
