import { describe, expect, test } from "@jest/globals";
import { ContainerdError, isContainerdError } from "./containerd-error.js";

const error = new ContainerdError("not_found", "task web: not found", { method: "Tasks/Get" });

describe("a containerd error", () => {
  test("is an error that says what failed", () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "ContainerdError", code: "not_found", method: "Tasks/Get", connection: false });
    expect(error.hint).toBeUndefined();
    expect("cause" in error).toBe(false);
  });

  test("keeps its cause and its hint", () => {
    const cause = new Error("underneath");
    const other = new ContainerdError("unavailable", "away", {
      method: "m",
      connection: true,
      hint: "start it",
      cause,
    });
    expect(other).toMatchObject({ connection: true, hint: "start it", cause });
  });

  test("does not show its brand", () => {
    const shown = Reflect.ownKeys(error).filter(
      (key) => Object.getOwnPropertyDescriptor(error, key)?.enumerable === true,
    );
    expect(shown.sort()).toEqual(["code", "connection", "hint", "method", "name"]);
  });

  test("is recognised with any of the codes that are asked for", () => {
    expect(isContainerdError(error)).toBe(true);
    expect(isContainerdError(error, "not_found")).toBe(true);
    expect(isContainerdError(error, "internal", "not_found")).toBe(true);
    expect(isContainerdError(error, "internal")).toBe(false);
  });

  test.each([[undefined], [null], ["not_found"], [{ code: "not_found" }], [new Error("not_found")]])(
    "is not %p",
    (value) => {
      expect(isContainerdError(value)).toBe(false);
    },
  );

  test("is recognised across the copies of the package, both ways", async () => {
    const copies = [await import("../../dist/esm/index.js"), await import("../../dist/cjs/index.js")];
    expect(new Set([ContainerdError, ...copies.map((copy) => copy.ContainerdError)]).size).toBe(3);
    for (const copy of copies) {
      const theirs: unknown = new copy.ContainerdError("internal", "x", { method: "m" });
      expect(theirs instanceof ContainerdError).toBe(true);
      expect(isContainerdError(theirs, "internal")).toBe(true);
      expect(copy.isContainerdError(error, "not_found")).toBe(true);
    }
  });

  test("has subclasses that keep the ordinary meaning of instanceof", () => {
    class Special extends ContainerdError {}
    const special = new Special("internal", "x", { method: "m" });
    expect(special instanceof Special && special instanceof ContainerdError).toBe(true);
    expect(error instanceof Special).toBe(false);
  });
});
