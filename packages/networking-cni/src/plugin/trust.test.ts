import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseConfigList } from "../protocol/config-list.js";
import { assertTrustedProgram } from "./assert-trusted-program.js";
import { baseEnvironment } from "./environment.js";
import { InlineExecutor } from "./executor.js";

let dir: string;
let plugin: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "voiyd-trust-"));
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, "bin"));
  chmodSync(join(dir, "bin"), 0o755);
  plugin = join(dir, "bin/bridge");
  writeFileSync(plugin, "#!/bin/sh\n");
  chmodSync(plugin, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const find = (type = "bridge"): Promise<unknown> => new InlineExecutor().find(type, [join(dir, "bin")]);

describe("S16: a plugin", () => {
  test("that is nobody else's is found", async () => {
    expect(await find()).toMatchObject({ path: plugin });
    expect(await find("absent")).toBeUndefined();
  });

  test.each([
    ["file", 0o757],
    ["folder", 0o777],
  ])("whose %s others can write to is not run, and who it is has to be mended is said", async (what, mode) => {
    const path = what === "file" ? plugin : join(dir, "bin");
    chmodSync(path, mode);
    await expect(find()).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: `CNI plugin ${plugin} is not run as root: ${path} can be written to by others`,
      hint: `chown root:root ${path}; chmod go-w ${path}`,
    });
  });

  test("that is a link into a folder of others is not run", async () => {
    mkdirSync(join(dir, "open"));
    writeFileSync(join(dir, "open/evil"), "#!/bin/sh\n");
    chmodSync(join(dir, "open"), 0o777);
    symlinkSync("../open/evil", join(dir, "bin/linked"));
    await expect(find("linked")).rejects.toMatchObject({ message: expect.stringMatching(/open can be written/) });
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? test : test.skip)("that is somebody else's, or some group's to write to, is not run", async () => {
    chownSync(plugin, 12_345, 0);
    await expect(find()).rejects.toMatchObject({ message: expect.stringMatching(/bridge belongs to user 12345$/) });
    chownSync(plugin, 0, 12_345);
    expect(await find()).toBeDefined();
    chmodSync(plugin, 0o775);
    await expect(find()).rejects.toMatchObject({ message: expect.stringMatching(/can be written to by others$/) });
  });

  test("may be ours, and our own group's to write to", () => {
    chmodSync(plugin, 0o775);
    expect(() => {
      assertTrustedProgram(plugin);
    }).not.toThrow();
  });

  test.each(["", ".", "..", "a/b", "../evil", "/bin/sh", "a\\b", "a\0b"])("is named by no path: %j", (type) => {
    const list = (plugins: object): string => JSON.stringify({ cniVersion: "1.0.0", name: "n", plugins: [plugins] });
    expect(() => parseConfigList(list({ type }), "f")).toThrow(/plugin's type/);
    if (type !== "") expect(() => parseConfigList(list({ type: "bridge", ipam: { type } }), "f")).toThrow(/IPAM/);
  });

  test("starts with little of our environment, and the folders of programs are absolute", () => {
    const own = { PATH: "relative:/opt/bin:", LD_PRELOAD: "/evil.so", AWS_SECRET: "hunter2", TRACEPARENT: "00-1" };
    const { PATH, ...more } = baseEnvironment(own);
    expect(more).toEqual({ TRACEPARENT: "00-1", LC_ALL: "C" });
    expect(PATH?.split(":").filter((folder) => !folder.startsWith("/"))).toEqual([]);
  });
});
