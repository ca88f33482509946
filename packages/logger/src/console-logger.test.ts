import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ConsoleLoggerOptions } from "./console-logger.js";
import { createConsoleLogger } from "./console-logger.js";
import type { LogFields, Logger } from "./logger.js";

const TIME = "2026-01-31T12:00:00.000Z";

/** A logger, and the lines it writes, without the time. */
function logged(options: ConsoleLoggerOptions = {}): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line.replace(`${TIME} `, "").replace(/\n$/, ""));
  };
  return { logger: createConsoleLogger({ write, clock: () => new Date(TIME), ...options }), lines };
}

function lineFor(message: string, fields?: LogFields): string | undefined {
  const { logger, lines } = logged();
  logger.info(message, fields);
  expect(lines).toHaveLength(1);
  return lines[0];
}

describe("the console logger", () => {
  test("writes time, level, message and fields, one line a message", () => {
    const raw: string[] = [];
    const logger = createConsoleLogger({ write: (line) => raw.push(line), clock: () => new Date(TIME) });
    logger.info("container started", { id: "abc", took: 12, image: "docker.io/library/nginx:latest" });
    logger.error("gone", {});
    expect(raw).toEqual([
      `${TIME} INFO  container started id=abc took=12 image=docker.io/library/nginx:latest\n`,
      `${TIME} ERROR gone\n`,
    ]);
  });

  test("leaves out what is below its level", () => {
    for (const [level, count] of [
      ["debug", 4],
      ["info", 3],
      ["warn", 2],
      ["error", 1],
    ] as const) {
      const { logger, lines } = logged({ level });
      for (const say of [logger.debug, logger.info, logger.warn, logger.error]) say("x");
      expect(lines).toHaveLength(count);
    }
  });

  test("a child adds its fields, and a message's own win", () => {
    const { logger, lines } = logged();
    const child = logger.child({ id: "abc", token: "hidden" }).child({ step: 1 });
    child.warn("x", { step: 2 });
    logger.warn("y");
    expect(lines).toEqual(['WARN  x id=abc token="[redacted]" step=2', "WARN  y"]);
  });

  test("quotes what would be ambiguous", () => {
    expect(
      lineFor("x", {
        text: "two words",
        empty: "",
        equals: "a=b",
        list: [1, "b"],
        none: null,
        absent: undefined,
        "a key": 1,
      }),
    ).toBe('INFO  x text="two words" empty="" equals="a=b" list=[1,"b"] none=null "a key"=1');
  });

  test.each([
    ["a new line", "a\nb", "a\\nb"],
    ["colours", "\u001b[31mred", "\\u{1b}[31mred"],
    ["a clipboard write (OSC 52)", "\u001b]52;c;aGk=\u0007", "\\u{1b}]52;c;aGk=\\u{7}"],
    ["a C1 control", "\u009b31m", "\\u{9b}31m"],
    ["a bidirectional override", "abc\u202edef", "abc\\u{202e}def"],
    ["a zero-width space", "a\u200bb", "a\u200bb".replace("\u200b", "\\u{200b}")],
    ["half a surrogate pair", "\ud800", "\\u{d800}"],
    ["an emoji as itself", "✓ 😀", "✓ 😀"],
  ])("escapes %s", (_, hostile, shown) => {
    expect(lineFor(hostile)).toBe(`INFO  ${shown}`);
  });

  test("renders errors with their code, hint and cause", () => {
    const cause = Object.assign(new Error("connect ENOENT"), { code: "ENOENT" });
    const error = Object.assign(new Error("no daemon", { cause }), { code: "UNAVAILABLE", hint: "start it" });
    const line = lineFor("x", { error }) ?? "";
    expect(JSON.parse(line.replace("INFO  x error=", ""))).toEqual({
      name: "Error",
      code: "UNAVAILABLE",
      message: "no daemon",
      hint: "start it",
      cause: { name: "Error", code: "ENOENT", message: "connect ENOENT" },
    });
  });

  test("shows where an error without a code comes from", () => {
    expect(lineFor("x", { error: new Error("surprise") })).toContain("console-logger.test");
  });

  test("takes whatever it is given", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const throwing = {
      get value(): string {
        throw new Error("no");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const line = lineFor("x", {
      circle,
      throwing,
      proxy,
      big: 1n,
      symbol: Symbol("s"),
      nan: NaN,
      bytes: new Uint8Array(3),
      date: new Date(NaN),
    });
    expect(line).toBe(
      'INFO  x circle={"self":"[circular]"} throwing="[unreadable]" proxy="[unreadable]" big=1 symbol=Symbol(s) nan=NaN bytes="[3 bytes]" date="Invalid Date"',
    );
    expect(lineFor("x", throwing)).toBe('INFO  x fields="[unreadable]"');
  });

  test("any message and any fields become one line without controls", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.dictionary(
          fc.string({ unit: "binary" }),
          fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
        ),
        (message, fields) => {
          expect(lineFor(message, fields)).toMatch(/^INFO {2}[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u);
        },
      ),
    );
  });
});
