import { readdir, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { findKoffi } from "../native/koffi.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { createMkfifo } from "./mkfifo.js";

let folder: TempFolder;
let umask: number;

beforeEach(async () => {
  umask = process.umask(0o777);
  process.umask(umask);
  folder = await tempFolder();
});

afterEach(async () => {
  process.umask(umask);
  await folder[Symbol.asyncDispose]();
});

describe("FIFOs that this process makes itself", () => {
  test("have their mode whatever the umask is; the first are for a program", async () => {
    const mkfifo = createMkfifo();
    expect(mkfifo([folder.at("first")])).toBe(false);
    process.umask(0o777);
    expect(mkfifo([folder.at("a"), folder.at("b")])).toBe(true);
    process.umask(umask);
    expect(await readdir(folder.path)).toEqual(["a", "b"]);
    expect((await stat(folder.at("b"))).mode).toBe(0o010_600);
  });

  test("are made all or none, and what was there before stays", async () => {
    const mkfifo = createMkfifo();
    mkfifo([]);
    expect(mkfifo([folder.at("before")])).toBe(true);
    expect(mkfifo([folder.at("a"), folder.at("before"), folder.at("b")])).toBe(false);
    expect(mkfifo([folder.at("c"), folder.at("nowhere", "d")])).toBe(false);
    expect(await readdir(folder.path)).toEqual(["before"]);
  });

  test.each([
    ["absent", () => undefined],
    [
      "broken",
      () => {
        throw new Error("the package koffi cannot be used");
      },
    ],
  ])("are for a program where what calls the kernel is %s, which is found out once", (_, answer) => {
    const find = jest.fn<typeof findKoffi>(answer);
    const mkfifo = createMkfifo(find);
    for (let turn = 0; turn < 3; turn++) expect(mkfifo([folder.at("a")])).toBe(false);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
