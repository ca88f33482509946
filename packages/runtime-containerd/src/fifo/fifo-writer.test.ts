import { execFile } from "node:child_process";
import { open, mkdtemp, rm } from "node:fs/promises";
import { constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { FifoWriter } from "./fifo-writer.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-fifo-"));
  path = join(folder, "stdin");
  await promisify(execFile)("mkfifo", [path]);
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes one piece and gives the writer back: a closed one does not show what a write says. */
function write(writer: FifoWriter, text: string): Promise<void> {
  return writer.stream.getWriter().write(Buffer.from(text));
}

test("what is written comes to a reader that opens its end late", async () => {
  const opening = FifoWriter.open(path);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = await opening;
  await write(writer, "hello");
  expect((await reader.read(Buffer.alloc(10), 0, 10)).bytesRead).toBe(5);
  await writer.close();
  expect((await reader.read(Buffer.alloc(10), 0, 10)).bytesRead).toBe(0);
  await reader.close();
});

test("where the process ends before anybody has opened it, everything is refused", async () => {
  const ended = new AbortController();
  const opening = FifoWriter.open(path, ended.signal);
  ended.abort();
  await expect(write(await opening, "hello")).rejects.toMatchObject({ code: "EPIPE" });
});

test("one that is not there is not waited for", async () => {
  await rm(path);
  const writer = await FifoWriter.open(path);
  await expect(write(writer, "hello")).rejects.toMatchObject({ code: "EPIPE" });
  await writer.close();
});

test("what is written after the reader has gone is refused", async () => {
  const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = await FifoWriter.open(path);
  await reader.close();
  await expect(write(writer, "hello")).rejects.toMatchObject({ code: "EPIPE" });
});
