import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { removeCgroups } from "./cgroups.js";

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("removing control groups", () => {
  test("takes a group with all below it, in every hierarchy, and nothing beside it", async () => {
    const roots = [folder.at("memory"), folder.at("cpu")];
    for (const root of roots) {
      await mkdir(`${root}/voiyd/web/a/b`, { recursive: true });
      await mkdir(`${root}/voiyd/web/c`);
      await mkdir(`${root}/voiyd/web2`);
    }
    await removeCgroups(roots, "voiyd/web", {});
    for (const root of roots) expect(await readdir(`${root}/voiyd`)).toEqual(["web2"]);
  });

  test("is done where there is none", async () => {
    await mkdir(folder.at("memory"));
    await expect(removeCgroups([folder.at("memory"), folder.at("absent")], "voiyd/web", {})).resolves.toBeUndefined();
    await expect(removeCgroups([], "voiyd/web", {})).resolves.toBeUndefined();
  });

  test("fails on what is no control group, and says why", async () => {
    await mkdir(folder.at("memory", "voiyd", "web"), { recursive: true });
    await writeFile(folder.at("memory", "voiyd", "web", "file"), "");
    await expect(removeCgroups([folder.at("memory")], "voiyd/web", {})).rejects.toMatchObject({ code: "ENOTEMPTY" });
    await expect(stat(folder.at("memory", "voiyd", "web", "file"))).resolves.toBeDefined();
  });
});
