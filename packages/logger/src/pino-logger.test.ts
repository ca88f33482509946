import { describe, expect, test } from "@jest/globals";
import type { PinoLike } from "./pino-logger.js";
import { createPinoLogger } from "./pino-logger.js";
import { silentLogger } from "./silent-logger.js";

/** Writes what it is told, as pino would: bindings first. */
function recordingPino(records: unknown[], bindings: Record<string, unknown> = {}): PinoLike {
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      records.push({ level, ...bindings, ...fields, msg: message });
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (more) => recordingPino(records, { ...bindings, ...more }),
  };
}

describe("the pino logger", () => {
  test("passes every level on, fields first", () => {
    const records: unknown[] = [];
    const logger = createPinoLogger(recordingPino(records));
    logger.debug("one");
    logger.info("two", { id: "abc" });
    logger.warn("three");
    logger.error("four");
    expect(records).toEqual([
      { level: "debug", msg: "one" },
      { level: "info", id: "abc", msg: "two" },
      { level: "warn", msg: "three" },
      { level: "error", msg: "four" },
    ]);
  });

  test("makes pino's own children, and hides secrets in them too", () => {
    const records: unknown[] = [];
    createPinoLogger(recordingPino(records))
      .child({ password: "hunter2" })
      .info("x token=hunter2", { token: "hunter2" });
    expect(records).toEqual([
      { level: "info", password: "[redacted]", token: "[redacted]", msg: "x token=[redacted]" },
    ]);
  });

  test("gives errors as plain objects with their code", () => {
    const records: unknown[] = [];
    createPinoLogger(recordingPino(records)).error("x", {
      err: Object.assign(new Error("no"), { code: "UNAVAILABLE" }),
    });
    expect(records).toEqual([{ level: "error", err: { name: "Error", code: "UNAVAILABLE", message: "no" }, msg: "x" }]);
  });
});

describe("the silent logger", () => {
  test("says nothing, and its children neither", () => {
    expect(silentLogger.child({ id: "abc" })).toBe(silentLogger);
    for (const say of [silentLogger.debug, silentLogger.info, silentLogger.warn, silentLogger.error]) {
      expect(say("x", {})).toBeUndefined();
    }
  });
});
