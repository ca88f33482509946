import { describe, expect, test } from "@jest/globals";
import type { TmpfsMount } from "@voiyd/runtime-api";
import { parseLabels } from "./label.js";
import { parseDecimal, parseInteger } from "./number.js";
import { parseNoNewPrivileges } from "./security.js";
import { parseTmpfs } from "./tmpfs.js";

const refusal: unknown = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("a tmpfs", () => {
  test.each<[string, Omit<TmpfsMount, "type">]>([
    ["/run", { destination: "/run" }],
    ["/run:size=64m,mode=1777", { destination: "/run", size: 67_108_864, mode: 0o1777 }],
    ["/run:ro", { destination: "/run", readOnly: true }],
    ["/run:rw,nosuid,nodev,noexec", { destination: "/run" }],
  ])("%s is understood", (text, expected) => {
    expect(parseTmpfs(text)).toEqual({ type: "tmpfs", ...expected });
  });

  test.each(["/run:", "/run:exec", "/run:mode=9", "/run:mode", "/run:size=x", "/run:uid=1"])(
    "%s is refused",
    (text) => {
      expect(() => parseTmpfs(text)).toThrow(refusal);
    },
  );
});

describe("labels", () => {
  test("the last of the same key wins, a key alone has an empty value, and no key is special", () => {
    const labels = parseLabels(["a=1", "b", "a=2=3", "__proto__=x", "constructor=y"]);
    expect(Object.entries(labels)).toEqual([
      ["a", "2=3"],
      ["b", ""],
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  test.each(["", "=x"])("%j is refused", (text) => {
    expect(() => parseLabels([text])).toThrow(refusal);
  });
});

describe("numbers", () => {
  test("are understood", () => {
    expect(parseDecimal("--cpus", "1.5")).toBe(1.5);
    expect(parseInteger("--pids-limit", "-1")).toBe(-1);
  });

  test.each(["", "x", "1e3", "0x1", "-1", "1.", " 1"])("%j is no decimal", (text) => {
    expect(() => parseDecimal("--cpus", text)).toThrow(refusal);
  });

  test.each(["", "1.5", "--1", "9".repeat(16)])("%j is no integer", (text) => {
    expect(() => parseInteger("--pids-limit", text)).toThrow(refusal);
  });
});

describe("security options", () => {
  test.each<[string[], boolean]>([
    [[], false],
    [["no-new-privileges"], true],
    [["no-new-privileges=true"], true],
    [["no-new-privileges:true"], true],
    [["no-new-privileges", "no-new-privileges=false"], false],
  ])("%j", (options, expected) => {
    expect(parseNoNewPrivileges(options)).toBe(expected);
  });

  test("others are refused, not passed over", () => {
    expect(() => parseNoNewPrivileges(["seccomp=unconfined"])).toThrow(refusal);
  });
});
