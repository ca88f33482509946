import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import { runCommand } from "../host/command.js";
import { createFileStore } from "../host/file-store.js";
import { withHostLock } from "../host/host-lock.js";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { copyUp } from "./copy-up.js";
import { withImageVolumes } from "./image-volumes.js";
import { VolumeStore } from "./volume-store.js";

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

function store(): VolumeStore {
  return new VolumeStore({ directory: folder.at("volumes"), files: createFileStore(), lock: withHostLock });
}

const leave = (): Promise<void> => Promise.resolve();

describe("volumes with names", () => {
  test("are filled once, however many containers ask for them at the same time", async () => {
    let times = 0;
    const fill = async (directory: string): Promise<void> => {
      times++;
      await writeFile(join(directory, "seed"), "x");
    };
    const [one, other] = [store(), store()];
    const folders = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? one : other).use("data", fill, {})),
    );
    expect(new Set(folders).size).toBe(1);
    expect(times).toBe(1);
    expect(await store().list()).toEqual(["data"]);
  });

  test("are filled again when they are empty, and left alone when they are not", async () => {
    await store().use("data", leave, {});
    const path = await store().use("data", (directory) => writeFile(join(directory, "a"), "1"), {});
    await store().use("data", (directory) => writeFile(join(directory, "b"), "2"), {});
    expect(await readdir(path)).toEqual(["a"]);
  });

  test("do not come to be when their filling fails, and can be filled later", async () => {
    const fail = async (directory: string): Promise<void> => {
      await writeFile(join(directory, "half"), "x");
      throw new Error("the disk is full");
    };
    await expect(store().use("data", fail, {})).rejects.toThrow("the disk is full");
    expect(await store().list()).toEqual([]);
    expect(await readdir(await store().use("data", leave, {}))).toEqual([]);
  });

  test("are removed with all in them; absent is success", async () => {
    await store().use("data", (directory) => writeFile(join(directory, "a"), "1"), {});
    await store().remove("data", () => Promise.resolve(false));
    await store().remove("data", () => Promise.resolve(false));
    expect(await store().list()).toEqual([]);
  });

  test("stay for who has begun to use them meanwhile", async () => {
    await store().use("data", leave, {});
    expect(await store().remove("data", () => Promise.resolve(true))).toBe(false);
    expect(await store().list()).toEqual(["data"]);
    expect(await store().remove("data", () => Promise.resolve(false))).toBe(true);
  });

  test.each(["../up", "a/b", ".hidden", "", "x", "a\0b"])("cannot be named %j", async (name) => {
    await expect(store().use(name, leave, {})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("the copy of what an image has", () => {
  test("keeps content, links as links, modes and the folder's own mode", async () => {
    const root = folder.at("root");
    await mkdir(join(root, "data/sub"), { recursive: true });
    await writeFile(join(root, "data/sub/file"), "x");
    await writeFile(join(root, "data/-rf"), "a strange name");
    await symlink("/etc/shadow", join(root, "data/link"));
    await chmod(join(root, "data"), 0o1750);
    const target = folder.at("target");
    await mkdir(target);
    await copyUp(runCommand, root, "/data", target, {});
    expect((await readdir(target)).sort()).toEqual(["-rf", "link", "sub"]);
    expect(await readlink(join(target, "link"))).toBe("/etc/shadow");
    expect(await readFile(join(target, "sub/file"), "utf8")).toBe("x");
    expect((await stat(target)).mode & 0o7777).toBe(0o1750);
  });

  test("walks a link within the image, never out of it", async () => {
    const root = folder.at("root");
    await mkdir(join(root, "real"), { recursive: true });
    await mkdir(folder.at("outside"));
    await writeFile(join(root, "real/a"), "x");
    await writeFile(folder.at("outside/secret"), "the host's");
    await symlink("/real", join(root, "inside"));
    await symlink("../../outside", join(root, "out"));
    await symlink(folder.at("outside"), join(root, "absolute"));
    for (const [path, expected] of [
      ["/inside", ["a"]],
      ["/out", []],
      ["/absolute", []],
      ["/nothing", []],
    ] as const) {
      const target = folder.at(`target${path.replace("/", "-")}`);
      await mkdir(target);
      await copyUp(runCommand, root, path, target, {});
      expect(await readdir(target)).toEqual(expected);
    }
  });

  test("is refused where the image has a file", async () => {
    await mkdir(folder.at("root"));
    await writeFile(folder.at("root/file"), "x");
    await expect(copyUp(runCommand, folder.at("root"), "/file", folder.path, {})).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
  });
});

describe("the volumes that an image asks for", () => {
  test("come where nothing is mounted, and once", () => {
    const mine = { type: "tmpfs" as const, destination: "/data/" };
    expect(withImageVolumes("x", [mine], ["/data", "//more/./", "/more"])).toEqual([
      mine,
      { type: "volume", destination: "/more" },
    ]);
  });

  test.each(["", "/", "//", "data", "..", "/a/../b", "/proc", "/dev/shm", "/sys/x", "/a\0", `/${"x".repeat(4096)}`])(
    "are refused at %j",
    (path) => {
      let code = "";
      try {
        withImageVolumes("x", [], [path]);
      } catch (error) {
        code = isRuntimeError(error) ? error.code : String(error);
      }
      expect(code).toBe("IMAGE_INVALID");
    },
  );
});
