import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { testContext } from "../testing/test-context.js";
import { createLogFiles, emptyLogFiles, removeLogFiles } from "./log-files.js";
import { logPaths } from "./log-paths.js";

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

test("the paths of a log follow from the name", () => {
  expect(logPaths("/var/lib/voiyd/containers/%s/log", "web.1")).toEqual({
    directory: "/var/lib/voiyd/containers/web.1/log",
    stdout: "/var/lib/voiyd/containers/web.1/log/stdout.log",
    stderr: "/var/lib/voiyd/containers/web.1/log/stderr.log",
  });
  expect(logPaths("/%s/of/%s", "web").directory).toBe("/web/of/web");
});

describe("a container's log files", () => {
  test("are made for root's eyes only, and empty", async () => {
    const paths = await createLogFiles(testContext({ logDirFmt: folder.at("%s", "log") }), "web");
    for (const path of [paths.stdout, paths.stderr]) {
      const { mode, size } = await stat(path);
      expect([mode & 0o777, size]).toEqual([0o600, 0]);
    }
    expect((await stat(paths.directory)).mode & 0o777).toBe(0o700);
  });

  test("replace whatever lies at their place, a link to elsewhere too", async () => {
    await mkdir(folder.at("web", "log"), { recursive: true });
    await writeFile(folder.at("victim"), "kept");
    await symlink(folder.at("victim"), folder.at("web", "log", "stdout.log"));
    await createLogFiles(testContext({ logDirFmt: folder.at("%s", "log") }), "web");
    expect((await stat(folder.at("victim"))).size).toBe(4);
    expect((await stat(folder.at("web", "log", "stdout.log"))).size).toBe(0);
  });

  test("are emptied, there or not", async () => {
    const context = testContext({ logDirFmt: folder.at("%s") });
    const paths = await createLogFiles(context, "web");
    await writeFile(paths.stdout, "text");
    await emptyLogFiles(context, "web");
    await emptyLogFiles(context, "absent");
    expect((await stat(paths.stdout)).size).toBe(0);
  });

  test("are removed with their folder, and with the container's where it has one that is empty", async () => {
    const context = testContext({ logDirFmt: folder.at("%s", "log") });
    for (const name of ["web", "db"]) await createLogFiles(context, name);
    await writeFile(folder.at("db", "other"), "");
    for (const name of ["web", "db", "absent"]) await removeLogFiles(context, name);
    expect(await readdir(folder.path)).toEqual(["db"]);
    expect(await readdir(folder.at("db"))).toEqual(["other"]);
  });

  test("are removed without the folder that all containers share", async () => {
    const context = testContext({ logDirFmt: folder.at("logs", "%s") });
    await createLogFiles(context, "web");
    await removeLogFiles(context, "web");
    expect(await readdir(folder.at("logs"))).toEqual([]);
  });
});
