import { describe, expect, test } from "@jest/globals";
import { packJson, unpackJson } from "@voiyd/containerd-client";
import type { Labels } from "@voiyd/runtime-api";
import fc from "fast-check";
import { copyLabels, parseStored, type StoredContainer, storedFromRequest } from "./stored-container.js";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const stored = storedFromRequest(
  { meta: { name: "web", labels: { a: "1" } }, config: { image: "app", args: ["x"] } },
  NOW,
);

/** As it is kept: through JSON. */
const throughRecord = (value: StoredContainer): StoredContainer =>
  parseStored(unpackJson("t", packJson("t", value)), "id");

describe("the stored object of a request", () => {
  test("has its name, labels and configuration, and begins its history", () => {
    expect(stored).toEqual({
      version: "container/v1",
      meta: { name: "web", labels: { a: "1" }, created: NOW, updated: NOW, revision: 1 },
      config: { image: "app", args: ["x"] },
    });
  });

  test("does not change with the request", () => {
    const args = ["x"];
    const labels: Record<string, string> = { a: "1" };
    const copy = storedFromRequest({ meta: { name: "web", labels }, config: { image: "app", args } }, NOW);
    args.push("y");
    labels["a"] = "2";
    expect(copy).toMatchObject({ meta: { labels: { a: "1" } }, config: { args: ["x"] } });
  });

  test("begins anew for a container that is run again", () => {
    const meta = { ...stored.meta, revision: 7, created: new Date(0), updated: new Date(0) };
    expect(storedFromRequest({ ...stored, meta }, NOW).meta).toMatchObject({ revision: 1, created: NOW });
  });
});

describe("what has been stored", () => {
  test("is read as it was written", () => {
    expect(throughRecord(stored)).toEqual(stored);
  });

  test("keeps labels that mean something to JavaScript as data", () => {
    const labels: Labels = Object.fromEntries([
      ["__proto__", "p"],
      ["constructor", "c"],
      ["toString", "t"],
      ["hasOwnProperty", "h"],
    ]);
    const back = throughRecord(storedFromRequest({ meta: { name: "web", labels }, config: { image: "app" } }, NOW));
    expect(Object.entries(back.meta.labels).sort()).toEqual(Object.entries(labels).sort());
    expect(Object.getPrototypeOf(back.meta.labels)).toBe(Object.getPrototypeOf({}));
    expect(Object.prototype).not.toHaveProperty("p");
  });

  test("keeps any labels", () => {
    const keys = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "constructor", "prototype"));
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.string({ unit: "binary" }))), (pairs) => {
        const labels: Labels = Object.fromEntries(pairs);
        const back = throughRecord(storedFromRequest({ meta: { name: "web", labels }, config: { image: "app" } }, NOW));
        expect(Object.entries(back.meta.labels)).toEqual(Object.entries(labels));
      }),
    );
  });

  const whole = JSON.parse(JSON.stringify(stored)) as object;
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["text", "{}"],
    ["an empty object", {}],
    ["another version", { ...whole, version: "container/v9" }],
    ["no configuration", { ...whole, config: undefined }],
    ["a configuration without an image", { ...whole, config: {} }],
    ["no meta", { ...whole, meta: null }],
    ["a name that is none", { ...whole, meta: { ...stored.meta, name: 3 } }],
    ["a label that is none", { ...whole, meta: { ...stored.meta, labels: { a: 1 } } }],
    ["labels that are a list", { ...whole, meta: { ...stored.meta, labels: ["a"] } }],
    ["a date that is none", { ...whole, meta: { ...stored.meta, created: "yesterday", updated: NOW.toISOString() } }],
    ["a revision that is none", { ...whole, meta: { ...stored.meta, revision: "1" } }],
  ])("is damaged when it is %s", (_what, value) => {
    expect(() => parseStored(value, "abc")).toThrow(
      expect.objectContaining({ code: "DATA_LOSS", message: expect.stringContaining("abc"), hint: expect.any(String) }),
    );
  });
});

test("a copy of labels is another object with the same entries", () => {
  const labels: Labels = Object.fromEntries([
    ["__proto__", "x"],
    ["b", ""],
  ]);
  const copy = copyLabels(labels);
  expect(copy).not.toBe(labels);
  expect(Object.entries(copy)).toEqual(Object.entries(labels));
});
