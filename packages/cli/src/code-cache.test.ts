import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

/** This package, built. */
const PACKAGE = fileURLToPath(new URL("../", import.meta.url));
const CACHES = `dist/program/cache/${process.version}-${process.arch}`;
/** Of what is no command, as an option in its place. */
const CACHE = `${CACHES}/other`;

let folder = "";
/** A copy that nobody has run yet. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-cache-"));
  await Promise.all(
    ["package.json", "bin", "dist/program"].map((part) =>
      cp(join(PACKAGE, part), join(folder, part), { recursive: true }),
    ),
  );
  await rm(join(folder, "dist/program/cache"), { recursive: true, force: true });
});
afterEach(() => rm(folder, { recursive: true }));

const help = (env: Readonly<Record<string, string>> = {}): Promise<string> => answer(["--help"], env);

async function answer(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...env } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["bin/voiyd.cjs", ...args], options);
  expect(stderr).toBe("");
  return stdout;
}

/** What is kept, by its names; empty where there is nothing. */
const kept = async (): Promise<readonly string[]> => {
  try {
    return (await readdir(join(folder, CACHE))).sort();
  } catch {
    return [];
  }
};

const program = async (): Promise<string> => {
  const name = (await kept()).find((file) => file.startsWith("program-"));
  if (name === undefined) throw new Error("nothing of the program is kept");
  return join(folder, CACHE, name);
};

test("what V8 has compiled is kept beside the program, and used the next time", async () => {
  const text = await help();
  expect(text).toContain("usage: voiyd");
  const names = await kept();
  expect(names.length).toBeGreaterThan(0);
  // Under the names of the program's files, and nothing half written.
  expect(await readdir(join(folder, "dist/program"))).toEqual(expect.arrayContaining([...names]));
  const { ino, mode } = await stat(await program());
  expect(mode & 0o777).toBe(0o644);
  expect(await help()).toBe(text);
  expect((await stat(await program())).ino).toBe(ino);
});

test.each([
  ["cut off", (bytes: Buffer) => bytes.subarray(0, 100)],
  ["empty", () => Buffer.alloc(0)],
  [
    "changed in one byte",
    (bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, 2000), Buffer.from([255 - (bytes[2000] ?? 0)]), bytes.subarray(2001)]),
  ],
  ["another version's", (bytes: Buffer) => Buffer.concat([Buffer.alloc(16, 7), bytes.subarray(16)])],
])("what is %s is not used, and replaced", async (_, spoil) => {
  const text = await help();
  const path = await program();
  const whole = await readFile(path);
  await writeFile(path, spoil(whole));
  expect(await help()).toBe(text);
  expect((await readFile(path)).length).toBeGreaterThan(whole.length / 2);
});

test("what others can write to is not used, and replaced", async () => {
  await help();
  const path = await program();
  await chmod(path, 0o666);
  await help();
  expect((await stat(path)).mode & 0o777).toBe(0o644);
});

test("each command has its own, and one that fails leaves nothing", async () => {
  expect(await answer(["help"])).toBe(await help());
  expect(await answer(["run", "--help"])).toContain("voiyd run");
  await expect(answer(["nosuch"])).rejects.toThrow("nosuch");
  await expect(answer(["../../x"])).rejects.toThrow("x");
  expect((await readdir(join(folder, CACHES))).sort()).toEqual(["help", "other", "run"]);
});

test("where nothing can be kept, the program runs all the same", async () => {
  await writeFile(join(folder, "dist/program/cache"), "in the way");
  expect(await help()).toContain("usage: voiyd");
});

test("with the fast paths turned off nothing is kept", async () => {
  expect(await help({ VOIYD_SHORTCUTS: "off" })).toContain("usage: voiyd");
  expect(await kept()).toEqual([]);
});

test("what a command was writing that was killed at it is removed by the next one that keeps something", async () => {
  const ended = execFile("true");
  await once(ended, "close");
  const files = { dead: `one.js.${String(ended.pid)}`, alive: `two.js.${String(process.pid)}` };
  await mkdir(join(folder, CACHE), { recursive: true });
  for (const name of Object.values(files)) await writeFile(join(folder, CACHE, name), "half");
  await help();
  expect(await kept()).toContain(files.alive);
  expect(await kept()).not.toContain(files.dead);
  expect(await program()).toBeDefined();
});

test("Node's own modules that few need stand for themselves, and are loaded when they are asked for anything", async () => {
  const own = join(folder, "own");
  await mkdir(own);
  await writeFile(join(own, "package.json"), JSON.stringify({ type: "commonjs", main: "./main.js" }));
  const source = `
    const loaded = (name) => process.moduleLoadList.includes("NativeModule " + name);
    const http = require("node:http");
    const before = loaded("http");
    class Agent extends http.Agent {}
    const children = require("node:child_process");
    const crypto = require("node:crypto");
    const real = process.getBuiltinModule("node:child_process");
    exports.told = [
      before,
      loaded("http"),
      new Agent() instanceof process.getBuiltinModule("node:http").Agent,
      Object.getOwnPropertyNames(children).join() === Object.getOwnPropertyNames(real).join(),
      { ...children }.spawn === real.spawn,
      "spawn" in children && !("spwan" in children),
      Object.getPrototypeOf(children) === Object.getPrototypeOf(real),
      Object.getOwnPropertyDescriptor(crypto, "webcrypto") !== undefined,
      crypto.createHash("sha256").update("").digest().length,
    ];
  `;
  await writeFile(join(own, "main.js"), source);
  const run = `console.log(JSON.stringify(require("./bin/load-program.cjs").loadProgram(${JSON.stringify(own)}).told))`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", run], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual([false, true, true, true, true, true, true, true, 32]);
});

test("a program whose files are elsewhere is loaded from there, with what was kept of them, each file once", async () => {
  const run = `
    const { loadChunks } = require("./bin/load-program.cjs");
    const { Script } = require("node:vm");
    const other = "exports.value = 2; exports.stack = new Error().stack; //" + " ".repeat(9000);
    const files = { main: 'exports.all = [require("./other"), require("./other"), require("outside")]', other };
    const run = (code) => {
      const loaded = [];
      const { all } = loadChunks("main", {
        read: (name) => files[name],
        kept: () => code,
        onLoaded: (name, script, isKept) => loaded.push({ name, script, isKept }),
        filenameOf: (name) => "inside:" + name,
        modules: {},
        require: (id) => id,
      });
      return { all, loaded };
    };
    const first = run(undefined);
    const code = first.loaded[0].script.createCachedData();
    const told = [first, run(code)].map(({ all: [one, again, outside], loaded }) => [
      one.value,
      one === again,
      outside,
      one.stack.includes("inside:other:1:"),
      loaded.map(({ name, isKept }) => [name, isKept]),
    ]);
    console.log(JSON.stringify(told));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", run], { cwd: folder });
  const told = (isKept: boolean): unknown[] => [2, true, "outside", true, [["other", isKept]]];
  expect(JSON.parse(stdout)).toEqual([told(false), told(true)]);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (asRoot === test.skip) console.log("skipped: another user's program, which takes root to make");

asRoot("nothing is kept in another user's folder, and nothing is taken that is not the program's owner's", async () => {
  await help();
  const path = await program();
  const { ino } = await stat(path);
  await chown(join(folder, "dist/program"), 1000, 1000);
  await help();
  expect((await stat(path)).ino).toBe(ino);
  await rm(join(folder, "dist/program/cache"), { recursive: true });
  await help();
  expect(await kept()).toEqual([]);
});
