import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { checkCanary, readCanary } from "./canary.js";
import { checkOwnProcess } from "./own-process.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "host-rules-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("I-20 is broken by a file of the host that is changed, made or removed", async () => {
  const [same, changed, made, removed] = ["same", "changed", "made", "removed"].map((name) => join(directory, name));
  const files = [same, changed, made, removed].flatMap((path) => path ?? []);
  for (const path of files) if (path !== made) await writeFile(path, "before");
  const before = await readCanary(files);
  expect(await checkCanary(before)).toEqual([]);
  await writeFile(files[1] ?? "", "after");
  await writeFile(files[2] ?? "", "");
  await rm(files[3] ?? "");
  expect(await checkCanary(before)).toEqual(
    [changed, made, removed].map((path) => ({ rule: "I-20", what: `${path ?? ""} of the host has been changed` })),
  );
  expect((await readCanary()).get("/etc/passwd")).toMatch(/^[0-9a-f]{64}$/u);
});

test("I-18 is broken by a file that is still open, also when it has been removed", async () => {
  expect(await checkOwnProcess({ directory })).toEqual([]);
  const path = join(directory, "held");
  const held = await open(path, "w");
  await rm(path);
  expect(await checkOwnProcess({ directory }, 0)).toEqual([
    { rule: "I-18", what: `this process still has ${path} (deleted) open` },
  ]);
  await held.close();
  expect(await checkOwnProcess({ directory })).toEqual([]);
});
