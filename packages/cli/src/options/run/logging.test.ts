import { describe, expect, test } from "@jest/globals";
import { LOGGING_FLAGS } from "./logging.js";
import { RequestDraft } from "./request-draft.js";

async function logging(driver: string | undefined, ...options: readonly string[]): Promise<unknown> {
  const draft = new RequestDraft();
  const sources = { env: {}, cwd: "/", readFile: () => Promise.reject(new Error("nothing is read")) };
  if (driver !== undefined) await LOGGING_FLAGS["log-driver"]?.apply?.(draft, [driver], sources);
  if (options.length > 0) await LOGGING_FLAGS["log-opt"]?.apply?.(draft, options, sources);
  return draft.config.logging;
}

describe("--log-driver and --log-opt", () => {
  test.each<[string | undefined, string[], unknown]>([
    ["local", [], { driver: "local" }],
    ["json-file", ["max-size=10m", "max-file=5"], { driver: "local", maxSize: 10 * 1024 * 1024, maxFiles: 5 }],
    [undefined, ["max-size=8k"], { driver: "local", maxSize: 8192 }],
    ["local", ["mode=blocking"], { driver: "local", mode: "blocking" }],
    [
      "local",
      ["mode=non-blocking", "max-buffer-size=4m"],
      { driver: "local", mode: "non-blocking", maxBufferSize: 4194304 },
    ],
    ["local", ["labels=a,b", "env=C"], { driver: "local", labels: ["a", "b"], env: ["C"] }],
    ["none", [], { driver: "none" }],
    ["file", ["labels=a"], { driver: "file", labels: ["a"] }],
    [
      "binary:///usr/bin/node?/opt/log.mjs=x",
      [],
      { driver: "binary", path: "/usr/bin/node", key: "/opt/log.mjs", value: "x" },
    ],
    ["binary:///opt/a%20b", [], { driver: "binary", path: "/opt/a b" }],
  ])("%s %j", async (driver, options, expected) => {
    expect(await logging(driver, ...options)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ["syslog", []],
    ["binary://host/x", []],
    ["binary:///x?a=b&c=d", []],
    ["none", ["max-size=1m"]],
    ["file", ["max-size=1m"]],
    ["local", ["compress=true"]],
    ["local", ["max-file=0"]],
    ["local", ["max-size=lots"]],
    ["local", ["mode=sometimes"]],
  ])("%s %j is refused", async (driver, options) => {
    await expect(logging(driver, ...options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
