import { execFileSync } from "node:child_process";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFileStore } from "../host/file-store.js";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { readImageFile } from "./image-file.js";

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(folder.at("root"));
  await writeFile(folder.at("outside"), "the host's");
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const read = (path: string): Promise<string | undefined> => readImageFile(createFileStore(), folder.at("root"), path);

test("an image's file is read as text", async () => {
  await writeFile(folder.at("root", "passwd"), "root:x:0:0\n");
  expect(await read("/passwd")).toBe("root:x:0:0\n");
});

test("a file that is not there is undefined", async () => {
  expect(await read("/absent")).toBeUndefined();
});

test("a link never leads to the host's file", async () => {
  await symlink(folder.at("outside"), folder.at("root", "absolute"));
  await symlink("../outside", folder.at("root", "relative"));
  expect(await read("/absolute")).toBeUndefined();
  expect(await read("/relative")).toBeUndefined();
});

test("a file of more than ten MiB is refused unread", async () => {
  await writeFile(folder.at("root", "big"), "");
  await truncate(folder.at("root", "big"), 10 * 1024 * 1024 + 1);
  await expect(read("/big")).rejects.toMatchObject({ code: "IMAGE_INVALID" });
});

test("a FIFO is refused, and does not hang", async () => {
  execFileSync("mkfifo", ["--", folder.at("root", "fifo")]);
  await expect(read("/fifo")).rejects.toMatchObject({ code: "IMAGE_INVALID" });
});

test("a folder is refused", async () => {
  await mkdir(folder.at("root", "folder"));
  await expect(read("/folder")).rejects.toMatchObject({ code: "IMAGE_INVALID" });
});
