import { describe, expect, test } from "@jest/globals";
import { RUNTIME_ERROR_CODES } from "./error-code.js";
import { isRuntimeError, RuntimeError } from "./runtime-error.js";

/** The class of another copy of this package, as a program with ESM and CommonJS parts loads it. */
class ForeignRuntimeError extends Error {
  readonly code = "NOT_FOUND";
  readonly details = {};
  readonly hint = undefined;
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, Symbol.for("voiyd.io/RuntimeError"), { value: true });
  }
}

class SpecialError extends RuntimeError {}

describe("a runtime error", () => {
  test("has a code, a message, a hint, details and a cause", () => {
    const cause = new Error("underneath");
    const error = new RuntimeError("NOT_FOUND", "container x does not exist", {
      hint: "list the containers",
      details: { container: "x" },
      cause,
    });
    expect(error).toMatchObject({
      code: "NOT_FOUND",
      message: "container x does not exist",
      hint: "list the containers",
      cause,
    });
    expect(error.details).toEqual({ container: "x" });
    expect(error.name).toBe("RuntimeError");
    expect(String(error)).toBe("RuntimeError: container x does not exist");
    expect(error.stack).toContain("runtime-error.test");
  });

  test("has no cause and no hint where none is given", () => {
    const error = new RuntimeError("INTERNAL", "x");
    expect("cause" in error).toBe(false);
    expect(error.hint).toBeUndefined();
    expect(error.details).toEqual({});
  });

  test("is recognised when another copy of the package made it", () => {
    const foreign: unknown = new ForeignRuntimeError("x");
    expect(foreign instanceof RuntimeError).toBe(true);
    expect(isRuntimeError(foreign, "NOT_FOUND")).toBe(true);
    expect(isRuntimeError(foreign, "INTERNAL")).toBe(false);
  });

  test("is recognised by nothing but its brand", () => {
    for (const value of [
      new Error("x"),
      { code: "NOT_FOUND", message: "x", name: "RuntimeError" },
      "NOT_FOUND",
      null,
      undefined,
      1,
    ]) {
      expect(value instanceof RuntimeError).toBe(false);
      expect(isRuntimeError(value)).toBe(false);
    }
  });

  test("a subclass is one, and has an instanceof of its own", () => {
    const special: unknown = new SpecialError("INTERNAL", "x");
    expect(special instanceof RuntimeError).toBe(true);
    expect(special instanceof SpecialError).toBe(true);
    expect(new RuntimeError("INTERNAL", "x") instanceof SpecialError).toBe(false);
    expect(new ForeignRuntimeError("x") instanceof SpecialError).toBe(false);
  });

  test("is asked for any of several codes", () => {
    const error = new RuntimeError("PORT_IN_USE", "x");
    expect(isRuntimeError(error)).toBe(true);
    expect(isRuntimeError(error, "NAME_IN_USE", "PORT_IN_USE")).toBe(true);
    expect(isRuntimeError(error, "NAME_IN_USE", "NOT_FOUND")).toBe(false);
  });

  test("does not show its brand where it is printed or sent", () => {
    const error = new RuntimeError("INTERNAL", "x");
    expect(
      Object.getOwnPropertySymbols(error).filter((key) => Object.prototype.propertyIsEnumerable.call(error, key)),
    ).toEqual([]);
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name: "RuntimeError", code: "INTERNAL", details: {} });
  });

  test("every code is written once, in capitals", () => {
    expect(new Set(RUNTIME_ERROR_CODES).size).toBe(RUNTIME_ERROR_CODES.length);
    for (const code of RUNTIME_ERROR_CODES) expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
  });
});
