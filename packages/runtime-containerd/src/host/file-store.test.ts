import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { link, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type TempFolder, tempFolder } from "../testing/temp-folder.js";
import { createFileStore, hasCode } from "./file-store.js";

const files = createFileStore();
let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

describe("what the runtime makes", () => {
  test("is for root's eyes only", async () => {
    await files.makePrivateDirectory(folder.at("a", "b"));
    await files.createPrivateFile(folder.at("a", "b", "log"));
    expect(await mode(folder.at("a"))).toBe("700");
    expect(await mode(folder.at("a", "b"))).toBe("700");
    expect(await mode(folder.at("a", "b", "log"))).toBe("600");
  });

  test("is never what lies there already, or behind a link", async () => {
    await writeFile(folder.at("there"), "kept");
    await symlink(folder.at("elsewhere"), folder.at("link"));
    await expect(files.createPrivateFile(folder.at("there"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(files.createPrivateFile(folder.at("link"))).rejects.toMatchObject({ code: "EEXIST" });
    expect(await files.exists(folder.at("elsewhere"))).toBe(false);
    expect(await readFile(folder.at("there"), "utf8")).toBe("kept");
  });

  test("has the mode it is given, whatever the umask", async () => {
    const before = process.umask(0o077);
    try {
      await files.writeInPlace(folder.at("hosts"), "x", 0o644);
    } finally {
      process.umask(before);
    }
    expect(await mode(folder.at("hosts"))).toBe("644");
  });
});

describe("writing in place", () => {
  test("keeps the inode, and nothing of what was there", async () => {
    await files.writeInPlace(folder.at("hosts"), "a long text", 0o644);
    const { ino } = await stat(folder.at("hosts"));
    await files.writeInPlace(folder.at("hosts"), "short", 0o644);
    expect((await stat(folder.at("hosts"))).ino).toBe(ino);
    expect(await files.read(folder.at("hosts"))).toBe("short");
  });

  test("follows no link", async () => {
    await writeFile(folder.at("victim"), "kept");
    await symlink(folder.at("victim"), folder.at("link"));
    await expect(files.writeInPlace(folder.at("link"), "x", 0o644)).rejects.toMatchObject({ code: "ELOOP" });
    expect(await files.read(folder.at("victim"))).toBe("kept");
  });
});

describe("opening for reading", () => {
  test("refuses a link, a folder and a FIFO", async () => {
    await writeFile(folder.at("file"), "x");
    await symlink(folder.at("file"), folder.at("link"));
    await mkdir(folder.at("folder"));
    execFileSync("mkfifo", ["--", folder.at("fifo")]);
    await expect(files.openRegular(folder.at("link"))).rejects.toMatchObject({ code: "ELOOP" });
    await expect(files.openRegular(folder.at("folder"))).rejects.toMatchObject({ code: "EINVAL" });
    await expect(files.openRegular(folder.at("fifo"))).rejects.toMatchObject({ code: "EINVAL" });
    await expect(files.openRegular(folder.at("absent"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("emptying", () => {
  test("keeps the file", async () => {
    await writeFile(folder.at("log"), "text");
    const { ino } = await stat(folder.at("log"));
    await files.truncate(folder.at("log"));
    expect(await stat(folder.at("log"))).toMatchObject({ ino, size: 0 });
  });

  test("is done where there is nothing, and does not follow a link", async () => {
    await expect(files.truncate(folder.at("absent"))).resolves.toBeUndefined();
    await writeFile(folder.at("victim"), "kept");
    await symlink(folder.at("victim"), folder.at("link"));
    await expect(files.truncate(folder.at("link"))).rejects.toMatchObject({ code: "ELOOP" });
    expect(await files.read(folder.at("victim"))).toBe("kept");
  });
});

describe("putting aside", () => {
  test("moves the content, and keeps the inode for whoever appends", async () => {
    await writeFile(folder.at("log"), "text");
    await writeFile(folder.at("log.1"), "older");
    const { ino } = await stat(folder.at("log"));
    await files.putAside(folder.at("log"), folder.at("log.1"), 1000);
    expect(await files.read(folder.at("log.1"))).toBe("text");
    expect(await stat(folder.at("log"))).toMatchObject({ ino, size: 0 });
    expect(await mode(folder.at("log.1"))).toBe("600");
  });

  test("keeps the end of it where it is too much", async () => {
    await writeFile(folder.at("log"), "0123456789");
    await files.putAside(folder.at("log"), folder.at("log.1"), 4);
    expect(await files.read(folder.at("log.1"))).toBe("6789");
    expect(await files.size(folder.at("log"))).toBe(0);
  });

  test("has what is appended meanwhile, before or after it was emptied", async () => {
    const log = folder.at("log");
    const before = "x".repeat(1024 * 1024);
    await writeFile(log, before);
    const over = new AbortController();
    const moving = files.putAside(log, folder.at("log.1"), 1000).finally(() => {
      over.abort();
    });
    let appended = "";
    for (let line = 0; !over.signal.aborted; line++) {
      appendFileSync(log, `${String(line)}\n`);
      appended += `${String(line)}\n`;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await moving;
    const aside = await files.read(folder.at("log.1"));
    expect(aside.replace(/^x+/, "") + (await files.read(log))).toBe(appended);
    expect(appended.length).toBeGreaterThan(0);
  });

  test("is refused where it is no regular file", async () => {
    await mkdir(folder.at("folder"));
    await symlink(folder.at("folder"), folder.at("link"));
    for (const name of ["folder", "link", "absent"])
      await expect(files.putAside(folder.at(name), folder.at("log.1"), 10)).rejects.toThrow();
    expect(await files.exists(folder.at("log.1"))).toBe(false);
  });

  test("does not write into what the old one was linked to", async () => {
    await writeFile(folder.at("victim"), "kept");
    await writeFile(folder.at("log"), "text");
    await link(folder.at("victim"), folder.at("log.1"));
    await files.putAside(folder.at("log"), folder.at("log.1"), 1000);
    expect(await files.read(folder.at("victim"))).toBe("kept");
  });
});

describe("removing and asking", () => {
  test("is done where there is nothing", async () => {
    await expect(files.remove(folder.at("absent"))).resolves.toBeUndefined();
    await expect(files.removeEmptyDirectory(folder.at("absent"))).resolves.toBeUndefined();
    expect(await files.size(folder.at("absent"))).toBe(0);
    expect(await files.exists(folder.at("absent"))).toBe(false);
  });

  test("leaves a folder that is not empty", async () => {
    await mkdir(folder.at("full", "inner"), { recursive: true });
    await files.removeEmptyDirectory(folder.at("full"));
    expect(await files.exists(folder.at("full"))).toBe(true);
    await files.remove(folder.at("full"));
    expect(await files.exists(folder.at("full"))).toBe(false);
  });

  test("removes a folder of files, links and empty folders, and nothing that lies deeper", async () => {
    await mkdir(folder.at("victim"));
    await writeFile(folder.at("victim", "kept"), "");
    await mkdir(folder.at("flat", "empty"), { recursive: true });
    await writeFile(folder.at("flat", "file"), "x");
    await symlink(folder.at("victim"), folder.at("flat", "link"));
    await files.removeFlatDirectory(folder.at("flat"));
    expect(await files.exists(folder.at("flat"))).toBe(false);
    await mkdir(folder.at("deep", "inner", "folder"), { recursive: true });
    await expect(files.removeFlatDirectory(folder.at("deep"))).rejects.toThrow("ENOTEMPTY");
    expect(await files.exists(folder.at("deep", "inner", "folder"))).toBe(true);
    expect(await files.exists(folder.at("victim", "kept"))).toBe(true);
    await expect(files.removeFlatDirectory(folder.at("absent"))).resolves.toBeUndefined();
  });

  test("removes a link, not what it leads to", async () => {
    await mkdir(folder.at("victim"));
    await symlink(folder.at("victim"), folder.at("link"));
    await files.remove(folder.at("link"));
    expect(await files.exists(folder.at("victim"))).toBe(true);
  });

  test("knows since when a file is there, and when it was changed", async () => {
    const before = Date.now() - 1_000;
    await writeFile(folder.at("new"), "");
    const times = await files.times(folder.at("new"));
    expect(times?.born).toBeGreaterThan(before);
    expect(times?.modified).toBeGreaterThan(before);
    expect(await files.times(folder.at("absent"))).toBeUndefined();
  });

  test("knows sizes and free space", async () => {
    await writeFile(folder.at("five"), "12345");
    expect(await files.size(folder.at("five"))).toBe(5);
    expect(await files.freeBytes(folder.path)).toBeGreaterThan(0);
    expect(await files.exists(folder.at("five", "below"))).toBe(false);
  });
});

test.each<[unknown, boolean]>([
  [{ code: "ENOENT" }, true],
  [Object.assign(new Error("x"), { code: "EBUSY" }), true],
  [{ code: "EIO" }, false],
  [{ code: undefined }, false],
  [{}, false],
  [null, false],
  ["ENOENT", false],
])("the code of %p is one of ENOENT and EBUSY: %s", (error, expected) => {
  expect(hasCode(error, "ENOENT", "EBUSY")).toBe(expected);
});

test("what is added to a file stays apart, however many add at once", async () => {
  const lines = Array.from({ length: 100 }, (_, index) => `${String(index).repeat(50)}\n`);
  await Promise.all(lines.map((line) => files.append(folder.at("log"), line)));
  const text = await readFile(folder.at("log"), "utf8");
  expect(text.split(/(?<=\n)/).sort()).toEqual([...lines].sort());
  expect(await mode(folder.at("log"))).toBe("600");
  await symlink(folder.at("log"), folder.at("link"));
  await expect(files.append(folder.at("link"), "x")).rejects.toMatchObject({ code: "ELOOP" });
});

test("a file takes the place of another one; an absent one takes none", async () => {
  await writeFile(folder.at("new"), "new");
  await writeFile(folder.at("old"), "old");
  await files.rename(folder.at("new"), folder.at("old"));
  await files.rename(folder.at("new"), folder.at("old"));
  expect(await readFile(folder.at("old"), "utf8")).toBe("new");
});
