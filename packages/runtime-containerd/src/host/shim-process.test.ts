import { mkdir, open, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { findShim, hasOpen, isStopped } from "./shim-process.js";

let proc: TempFolder;

beforeEach(async () => {
  proc = await tempFolder();
});

afterEach(async () => {
  await proc[Symbol.asyncDispose]();
});

async function process(pid: string, comm: string, args: readonly string[]): Promise<void> {
  await mkdir(proc.at(pid));
  await writeFile(join(proc.at(pid), "comm"), `${comm}\n`);
  await writeFile(join(proc.at(pid), "cmdline"), args.map((arg) => `${arg}\0`).join(""));
}

const shim = (pid: string, namespace: string, id: string): Promise<void> =>
  process(pid, "containerd-shim", ["/usr/bin/containerd-shim-runc-v2", "-namespace", namespace, "-id", id]);

describe("a container's shim", () => {
  test("is known by its name, its namespace and its container", async () => {
    await process("1", "init", []);
    await process("7", "cat", ["cat", "-namespace", "blue", "-id", "web"]);
    await shim("10", "red", "web");
    await shim("11", "blue", "webs");
    await shim("12", "blue", "web");
    await mkdir(proc.at("self"));
    expect(findShim("blue", "web", proc.path)).toBe(12);
    expect(findShim("red", "web", proc.path)).toBe(10);
    expect(findShim("blue", "we", proc.path)).toBeUndefined();
  });

  test("that ends while it is looked for is not found", async () => {
    await mkdir(proc.at("9"));
    expect(findShim("blue", "web", proc.path)).toBeUndefined();
  });
});

describe("a process", () => {
  test.each([
    ["T", true],
    ["t", true],
    ["S", false],
    ["Z", false],
  ])("in state %s is stopped: %p", async (state, stopped) => {
    await mkdir(proc.at("5"));
    await writeFile(proc.at("5/stat"), `5 (a) T (b) ${state} 1 5 5 0`);
    expect(isStopped(5, proc.path)).toBe(stopped);
  });

  test("that is gone is not stopped, nor are we", () => {
    expect(isStopped(5, proc.path)).toBe(false);
    expect(isStopped(globalThis.process.pid)).toBe(false);
  });

  test("has a file open under whatever name", async () => {
    await writeFile(proc.at("log"), "");
    await mkdir(proc.at("5/fd"), { recursive: true });
    await symlink("socket:[17]", proc.at("5/fd/0"));
    const log = await stat(proc.at("log"));
    expect(await hasOpen(5, log, proc.path)).toBe(false);
    await symlink(proc.at("log"), proc.at("5/fd/1"));
    expect(await hasOpen(5, log, proc.path)).toBe(true);
  });

  test("of the real kind is read too", async () => {
    await writeFile(proc.at("log"), "");
    const log = await stat(proc.at("log"));
    const { pid } = globalThis.process;
    expect(await hasOpen(pid, log)).toBe(false);
    const handle = await open(proc.at("log"), "a");
    expect(await hasOpen(pid, log)).toBe(true);
    await handle.close();
    expect(await hasOpen(pid, log)).toBe(false);
  });

  test("that is gone has nothing open", async () => {
    expect(await hasOpen(5, { dev: 1, ino: 1 }, proc.path)).toBe(false);
  });
});
