import { readlink } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "@jest/globals";
import { assertChosen } from "./daemon.js";

test("a daemon of another folder than the one that was named is refused", async () => {
  const { pid } = process;
  const own = dirname(await readlink("/proc/self/exe"));
  await expect(assertChosen({ pid }, own)).resolves.toBeUndefined();
  await expect(assertChosen({ pid }, undefined)).resolves.toBeUndefined();
  await expect(assertChosen({ pid }, "/etc")).rejects.toThrow("VOIYD_HARNESS_PROGRAMS names /etc");
});
