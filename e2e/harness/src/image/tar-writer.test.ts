import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../process/execute.js";
import { type TarEntry, writeTar } from "./tar-writer.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-tar-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

/** What the system's tar reads in an archive: mode, owner, size or device, time, path. */
async function listing(entries: readonly TarEntry[]): Promise<string[]> {
  const archive = join(folder, "archive.tar");
  await writeFile(archive, writeTar(entries));
  const { stdout, stderr } = await execute("tar", ["--utc", "--numeric-owner", "-tvf", archive], {
    env: { LC_ALL: "C.UTF-8" },
  });
  expect(stderr).toBe("");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +/gu, " "));
}

describe("writeTar", () => {
  test("tar(1) reads every kind of entry back as it was said", async () => {
    const lines = await listing([
      { ...plain, path: "etc/", type: "directory", mode: 0o755 },
      { ...plain, path: "etc/passwd", type: "file", content: Buffer.from("root\n"), uid: 7, gid: 8, mtime: 86_400 },
      { ...plain, path: "bin/su", type: "file", content: Buffer.alloc(512), mode: 0o4755 },
      { ...plain, path: "tmp/", type: "directory", mode: 0o1777 },
      { ...plain, path: "bin/sh", type: "symlink", target: "busybox", mode: 0o777 },
      { ...plain, path: "bin/hard", type: "hardlink", target: "bin/su" },
      { ...plain, path: "dev/null", type: "character", major: 1, minor: 3, mode: 0o666 },
      { ...plain, path: "dev/sda", type: "block", major: 8, minor: 0, mode: 0o660 },
      { ...plain, path: "run/pipe", type: "fifo" },
    ]);
    expect(lines).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/",
      "-rw-r--r-- 7/8 5 1970-01-02 00:00 etc/passwd",
      "-rwsr-xr-x 0/0 512 1970-01-01 00:00 bin/su",
      "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
      "lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin/sh -> busybox",
      "hrw-r--r-- 0/0 0 1970-01-01 00:00 bin/hard link to bin/su",
      "crw-rw-rw- 0/0 1,3 1970-01-01 00:00 dev/null",
      "brw-rw---- 0/0 8,0 1970-01-01 00:00 dev/sda",
      "prw-r--r-- 0/0 0 1970-01-01 00:00 run/pipe",
    ]);
  });

  test("paths of any length, other scripts and large ids come back whole", async () => {
    const paths = [
      "a".repeat(100),
      `${"d".repeat(100)}/${"f".repeat(100)}`,
      `${"p".repeat(155)}/${"n".repeat(100)}`,
      "x".repeat(300),
      `${"y/".repeat(200)}z`,
      "größe/файл",
    ];
    const lines = await listing(paths.map((path) => ({ ...plain, path, type: "file", uid: 3_000_000 })));
    expect(lines).toEqual(
      paths.map((path) => `-rw-r--r-- 3000000/0 0 1970-01-01 00:00 ${path === "größe/файл" ? "größe/файл" : path}`),
    );
  });

  test("long link targets come back whole", async () => {
    const target = "t".repeat(200);
    expect(await listing([{ ...plain, path: "link", type: "symlink", target }])).toEqual([
      `lrw-r--r-- 0/0 0 1970-01-01 00:00 link -> ${target}`,
    ]);
  });

  test("contents come back byte for byte, whatever their length", async () => {
    const sizes = [0, 1, 511, 512, 513, 10_000];
    const contents = sizes.map((size) =>
      Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + size) % 256)),
    );
    const archive = join(folder, "contents.tar");
    await writeFile(
      archive,
      writeTar(contents.map((content, index) => ({ ...plain, path: `f${index}`, type: "file", content }))),
    );
    await execute("tar", ["-xf", archive, "-C", folder]);
    for (const [index, content] of contents.entries())
      expect((await readFile(join(folder, `f${index}`))).equals(content)).toBe(true);
  });

  test("extended attributes are written as pax records", () => {
    const archive = writeTar([{ ...plain, path: "f", type: "file", xattrs: { "user.note": "hello" } }]);
    expect(archive.toString("latin1")).toContain("32 SCHILY.xattr.user.note=hello\n");
  });

  test("the archive is whole blocks and ends with two empty ones", () => {
    const archive = writeTar([{ ...plain, path: "f", type: "file", content: Buffer.from("x") }]);
    expect(archive.length % 512).toBe(0);
    expect(archive.subarray(-1024).every((byte) => byte === 0)).toBe(true);
  });
});
