import { execFileSync } from "node:child_process";
import { link, lstat, mkdir, readdir, readFile, readlink, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type TestEntry, tarOf } from "../testing/tar.js";
import { tempFolder } from "../testing/temp-folder.js";
import { packFiles, unpackFiles } from "./local-files.js";

async function withTempFolder(body: (path: string) => Promise<void>): Promise<void> {
  await using folder = await tempFolder();
  await body(folder.path);
}

/** A folder to unpack into, and beside it what nobody may touch. */
async function withCanary(body: (folder: string, outside: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (root) => {
    const [folder, outside] = [join(root, "inside"), join(root, "outside")];
    await mkdir(folder);
    await mkdir(outside);
    await writeFile(join(outside, "canary"), "alive", { mode: 0o640 });
    const before = await fingerprint(outside);
    await body(folder, outside);
    expect(await fingerprint(outside)).toEqual(before);
    expect(await readdir(root)).toEqual(["inside", "outside"]);
  });
}

async function fingerprint(folder: string): Promise<unknown> {
  const names = await readdir(folder);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
  const stats = [folder, ...names.map((name) => join(folder, name))].map(async (path) => {
    const { mode, nlink, mtimeMs, uid, size } = await lstat(path);
    return [mode, nlink, mtimeMs, uid, size];
  });
  return [files, await Promise.all(stats)];
}

async function bytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(data: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

/** `done`, or the code of the error. */
async function outcomeOf(work: Promise<void>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return String(Reflect.get(Object(error), "code"));
  }
}

const file = (name: string, content: string, more: Partial<TestEntry> = {}): TestEntry => ({
  type: "file",
  name,
  content,
  ...more,
});

describe("a tree of files", () => {
  test("comes out of its archive as it went in, long names, links and modes included", async () => {
    await withTempFolder(async (root) => {
      const source = join(root, "source");
      const deep = "a-name-that-fits-into-no-header-".repeat(4);
      await mkdir(join(source, "folder", deep, "x"), { recursive: true });
      await writeFile(join(source, "folder", deep, "x", "Grüße ☃"), "hello");
      await writeFile(join(source, "program"), "#!/bin/sh", { mode: 0o751 });
      await link(join(source, "program"), join(source, "same"));
      await symlink("../../../etc/passwd", join(source, "folder", "link"));
      await symlink(`/${deep}${deep}`, join(source, "far"));
      await writeFile(join(source, "large"), Buffer.alloc(700_001, 7));
      execFileSync("mkfifo", [join(source, "pipe")]);
      const target = join(root, "target");
      await mkdir(target);
      // The link in it leads out of what is copied, which a container may have, and this machine may not get.
      await expect(unpackFiles(packFiles(source), target)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      await rename(join(source, "folder", "link"), join(source, "folder", "was-link"));
      await symlink("..", join(source, "folder", "link"));
      execFileSync("rm", [join(source, "folder", "was-link")]);
      await unpackFiles(packFiles(source), target);
      execFileSync("diff", ["-r", "--no-dereference", "-x", "pipe", source, join(target, "source")]);
      const unpacked = join(target, "source");
      expect((await lstat(join(unpacked, "program"))).mode & 0o7777).toBe(0o751);
      expect((await lstat(join(unpacked, "program"))).ino).toBe((await lstat(join(unpacked, "same"))).ino);
      expect((await lstat(join(unpacked, "pipe"))).isFIFO()).toBe(true);
      expect(await readlink(join(unpacked, "far"))).toBe(`/${deep}${deep}`);
      const times = async (path: string): Promise<number> => Math.floor((await lstat(path)).mtimeMs / 1000);
      expect(await times(join(unpacked, "folder"))).toBe(await times(join(source, "folder")));
    });
  });

  test("is an archive that tar reads", async () => {
    await withTempFolder(async (root) => {
      await mkdir(join(root, "d"));
      await writeFile(join(root, "d", "x".repeat(120)), "content");
      await symlink("y".repeat(130), join(root, "d", "l"));
      const listed = execFileSync("tar", ["-tvf", "-"], { input: await bytes(packFiles(join(root, "d"))) }).toString();
      expect(listed).toContain(`d/${"x".repeat(120)}\n`);
      expect(listed).toContain(`d/l -> ${"y".repeat(130)}\n`);
      expect(listed.split("\n")).toHaveLength(4);
    });
  });

  test("can be called something else on both sides", async () => {
    await withTempFolder(async (root) => {
      await mkdir(join(root, "d"));
      await writeFile(join(root, "d", "f"), "1");
      const archive = await bytes(packFiles(join(root, "d"), { name: "." }));
      await unpackFiles(pieces(archive, 100), root, { rename: { from: ".", to: "e" } });
      await unpackFiles(packFiles(join(root, "d"), { name: "q" }), root, { rename: { from: "q", to: "g" } });
      expect(await readdir(join(root, "e"))).toEqual(["f"]);
      expect(await readdir(join(root, "g"))).toEqual(["f"]);
    });
  });
});

describe("S8: a hostile archive", () => {
  test.each<[string, readonly TestEntry[]]>([
    ["a name with ..", [file("../outside/new", "x")]],
    ["a name with .. in the middle", [file("a/../../outside/new", "x")]],
    [
      "a link to the outside and a file through it",
      [{ type: "symlink", name: "l", link: "../outside" }, file("l/new", "x")],
    ],
    ["a device", [{ type: "character", name: "null" }]],
    ["a block device", [{ type: "block", name: "disk" }]],
    ["a hard link to the outside", [{ type: "hardlink", name: "canary", link: "../outside/canary" }]],
    ["a nul in a name", [file("a\0b/../c", "x"), file("\ufffd", "x")]],
  ])("with %s is refused", async (_what, entries) => {
    await withCanary(async (folder) => {
      await expect(unpackFiles(tarOf(entries), folder)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    });
  });

  test("with absolute names and links stays inside", async () => {
    await withCanary(async (folder, outside) => {
      await unpackFiles(
        tarOf([file(`${outside}/canary`, "dead"), { type: "symlink", name: "l", link: outside }]),
        folder,
      );
      expect(await readFile(join(folder, outside, "canary"), "utf8")).toBe("dead");
      // Through the link it is the folder of that name below the root of what is unpacked.
      await unpackFiles(
        tarOf([file("l/canary", "dead again"), { type: "hardlink", name: "h", link: "l/canary" }]),
        folder,
      );
      expect(await readFile(join(folder, "h"), "utf8")).toBe("dead again");
    });
  });

  test("leaves nobody else's rights to programs unless owners are kept", async () => {
    await withCanary(async (folder) => {
      await unpackFiles(tarOf([file("su", "x", { mode: 0o6755 })]), folder);
      expect((await lstat(join(folder, "su"))).mode & 0o7777).toBe(0o755);
      await unpackFiles(tarOf([file("su", "x", { mode: 0o4755, uid: process.getuid?.() ?? 0 })]), folder, {
        keepOwners: true,
      });
      expect((await lstat(join(folder, "su"))).mode & 0o7777).toBe(0o4755);
    });
  });

  test("replaces neither a folder nor by a folder", async () => {
    await withCanary(async (folder, outside) => {
      await mkdir(join(folder, "d"));
      await writeFile(join(folder, "f"), "");
      await symlink(outside, join(folder, "l"));
      for (const entry of [file("d", "x"), { type: "directory", name: "f" }, { type: "directory", name: "l" }] as const)
        await expect(unpackFiles(tarOf([entry]), folder)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
      await unpackFiles(tarOf([file("l", "no link any more")]), folder);
      expect((await lstat(join(folder, "l"))).isFile()).toBe(true);
    });
  });

  test("that is cut off anywhere is refused, or is whole up to there", async () => {
    const whole = await bytes(
      tarOf([file("a", "12345"), { type: "directory", name: "d" }, file("d/b", "y".repeat(600))]),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length }),
        fc.integer({ min: 1, max: 700 }),
        async (cut, size) => {
          await withCanary(async (folder) => {
            const outcome = await outcomeOf(unpackFiles(pieces(whole.subarray(0, cut), size), folder));
            // What fills a block up may be missing; what says something may not.
            const isWhole = cut === 0 || (cut >= 517 && cut <= 1024) || cut === 1536;
            const ends = (cut >= 2648 && cut <= 3072) || cut >= 3584;
            expect(outcome).toBe(isWhole || ends ? "done" : "INVALID_ARGUMENT");
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("of any kind touches nothing outside", async () => {
    const part = fc.constantFrom("a", "b", "l", "..", ".", "", "outside", "canary", "inside");
    const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    const target = fc.oneof(
      path,
      path.map((text) => `/${text}`),
      path.map((text) => `../${text}`),
    );
    const entry: fc.Arbitrary<TestEntry> = fc.oneof(
      fc.record({ type: fc.constantFrom("file", "directory", "fifo", "character"), name: target }),
      fc.record({ type: fc.constantFrom("symlink", "hardlink"), name: target, link: target }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), fc.boolean(), async (entries, keepOwners) => {
        await withCanary(async (folder) => {
          await unpackFiles(tarOf(entries), folder, { keepOwners }).catch((error: unknown) => {
            const code: unknown = Reflect.get(Object(error), "code");
            // EPERM for a hard link to a folder. Whatever else there is would be a mistake of ours.
            if (!["INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND", "EPERM"].includes(String(code))) throw error;
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  test("S8: a folder that somebody swaps for a link all the time is never left through the link", async () => {
    await withCanary(async (folder, outside) => {
      await mkdir(join(folder, "d"));
      await symlink(outside, join(folder, "trap"));
      const swapping = new AbortController();
      const swapper = (async () => {
        while (!swapping.signal.aborted) {
          await rename(join(folder, "d"), join(folder, "aside")).catch(() => undefined);
          await rename(join(folder, "trap"), join(folder, "d")).catch(() => undefined);
          await rename(join(folder, "d"), join(folder, "trap")).catch(() => undefined);
          await rename(join(folder, "aside"), join(folder, "d")).catch(() => undefined);
          // Now and then the folder is there for long enough.
          if (Math.random() < 0.3) await pause(2);
        }
      })();
      try {
        let made = 0;
        for (let turn = 0; turn < 100 || (made === 0 && turn < 2_000); turn++) {
          const unpacked = unpackFiles(tarOf([file("d/canary", "dead"), { type: "directory", name: "d/sub" }]), folder);
          await unpacked.then(
            () => (made += 1),
            () => undefined,
          );
          await bytes(packFiles(join(folder, "d"))).catch(() => undefined);
        }
        expect(made).toBeGreaterThan(0);
      } finally {
        swapping.abort();
        await swapper;
      }
    });
  });
});

test("an abort ends a copy whose archive says nothing any more", async () => {
  await withTempFolder(async (folder) => {
    const reason = new Error("changed my mind");
    const abort = new AbortController();
    const silent = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield await Promise.resolve(Buffer.alloc(0));
      await new Promise(() => undefined);
    };
    const unpacked = unpackFiles(silent(), folder, { signal: abort.signal });
    setTimeout(() => {
      abort.abort(reason);
    }, 20);
    await expect(unpacked).rejects.toBe(reason);
  });
});
