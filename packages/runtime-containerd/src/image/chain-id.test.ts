import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { chainIds } from "./chain-id.js";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const hash = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

// OCI image spec: ChainID(L0) = DiffID(L0); ChainID(L0|…|Ln) = Digest(ChainID(L0|…|Ln-1) + " " + DiffID(Ln)).
test("no layers have no chain", () => {
  expect(chainIds([])).toEqual([]);
});

test("the lowest layer's chain id is its own", () => {
  expect(chainIds([digest("a")])).toEqual([digest("a")]);
});

test("every further one is the digest of what is below and itself", () => {
  const [a, b, c] = [digest("a"), digest("b"), digest("c")];
  const ab = hash(`${a} ${b}`);
  expect(chainIds([a, b, c])).toEqual([a, ab, hash(`${ab} ${c}`)]);
});

test("known vectors", () => {
  expect(chainIds([digest("0"), digest("1"), digest("2")])).toEqual([
    "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "sha256:f94b891e05f6e37c90d87edfd5bb98a02d618a437c35f3a94b3b00e48e894631",
    "sha256:59e1080197dac1c8a7a84c26e489ea200c2cb386337efde7688d47aee4460ed7",
  ]);
});

test("the same layer above itself is another chain", () => {
  const [first, second, third] = chainIds([digest("a"), digest("a"), digest("a")]);
  expect(new Set([first, second, third]).size).toBe(3);
});
