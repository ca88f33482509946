import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

/** This package, built. */
const PACKAGE = fileURLToPath(new URL("../", import.meta.url));

const PROGRAM: unknown = expect.stringMatching(/^dist\/program\/program-\w+\.js$/);

/** Tells on standard error, at the end, which files and which modules of Node's own were loaded: one a line. */
const TELL = `
  process.on("exit", () => {
    const files = Object.keys(require.cache).map((path) => "file " + path);
    const modules = process.moduleLoadList.map((name) => "module " + name);
    require("node:fs").writeSync(2, ["", ...files, ...modules, ""].join("\\n"));
  });
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-start-"));
  await writeFile(join(folder, "tell.cjs"), TELL);
  await writeFile(join(folder, "nothing.cjs"), "");
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the program as a user's shell does; `closed` takes away its reader before it can have begun. */
function voiyd(
  args: readonly string[],
  { closed = false, node = [] as readonly string[], file = "bin/voiyd.cjs", byShell = false } = {},
) {
  const [program, ...words] = byShell ? [file, ...args] : [process.execPath, ...node, file, ...args];
  const child = spawn(program, words, { cwd: PACKAGE, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  if (closed) child.stdout.destroy();
  return new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...text });
    });
  });
}

/** What a run has loaded: files of this package by their paths in it, and modules of Node's own. */
async function loadedBy(args: readonly string[], file = "bin/voiyd.cjs") {
  const { stderr } = await voiyd(args, { node: ["--require", join(folder, "tell.cjs")], file });
  const told = (kind: string): string[] =>
    stderr.split("\n").flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  const files = told("file").map((path) => relative(PACKAGE, path));
  return { files: files.filter((path) => !path.startsWith("..")), modules: told("module") };
}

describe.each(["--version", "-v"])("voiyd %s", (option) => {
  test("is answered by the first file alone", async () => {
    const { files, modules } = await loadedBy([option]);
    expect(files).toEqual(["bin/voiyd.cjs", "package.json"]);
    const nothing = await loadedBy([], join(folder, "nothing.cjs"));
    expect(nothing.modules.length).toBeGreaterThan(10);
    expect(modules.filter((name) => !nothing.modules.includes(name))).toEqual([]);
  });

  test("says what the program says", async () => {
    const long = await loadedBy([option, "--debug"]);
    expect(long.files).toContainEqual(PROGRAM);
    const answer = await voiyd([option]);
    expect(answer).toEqual(await voiyd([option, "--debug"]));
    expect(answer).toEqual({ code: 0, stdout: expect.stringMatching(/^voiyd \d+\.\d+\.\d+\n$/), stderr: "" });
  });

  test("ends as the program does when nobody reads it", async () => {
    const answer = await voiyd([option], { closed: true });
    expect(answer).toEqual(await voiyd([option, "--debug"], { closed: true }));
    expect(answer).toEqual({ code: 141, stdout: "", stderr: "" });
  });
});

test.each([[["--version=false"]], [["-vh"]], [["version", "--help"]]])(
  "%j is the program's to answer",
  async (args) => {
    expect((await loadedBy(args)).files).toContainEqual(PROGRAM);
  },
);

// Each file takes as long to find, to read and to compile as much of the work does.
test("a command is loaded with few files: the program's, the commands', and those of who asks the daemon", async () => {
  const file = (name: string): unknown => expect.stringMatching(new RegExp(`^dist/program/${name}-\\w+\\.js$`));
  const few = ["bin/voiyd.cjs", "bin/load-program.cjs", PROGRAM, file("commands")];
  expect((await loadedBy(["run", "--help"])).files).toEqual(few);
  const { files } = await loadedBy(["--address", join(folder, "absent"), "ps"]);
  expect(files).toEqual([...few, file("composition")]);
});

describe("voiyd as a shell finds it", () => {
  test("answers as it does when it is handed to Node.js", async () => {
    const answer = await voiyd(["--version"], { byShell: true });
    expect(answer).toEqual(await voiyd(["--version"]));
    expect((await voiyd(["ps", "a b", "", "$(exit)"], { byShell: true })).stderr).toContain("ps takes no arguments");
  });

  // Node.js reads the files of --env-file, wherever it stands on its line.
  test("keeps a container's --env-file from Node.js", async () => {
    const missing = join(folder, "missing.env");
    const { code, stderr } = await voiyd(["exec", "--env-file", missing, "web", "ls"], { byShell: true });
    expect(stderr).toContain(`voiyd: --env-file: ${missing} cannot be read`);
    expect(code).toBe(1);
    const hostile = join(folder, "hostile.env");
    await writeFile(hostile, "NODE_OPTIONS=--no-such-option\nVOIYD_NETWORK_MODE=from-the-file\n");
    const read = await voiyd(["exec", "--env-file", hostile, "--workdir", "no/path", "web", "ls"], { byShell: true });
    expect(read.stderr).toContain('workingDir: "no/path" is not valid');
  });
});
