import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** What is made, and not kept: as in .gitignore. */
const MADE = new Set([".git", ".nx", "coverage", "dist", "gen", "node_modules", "out-tsc", "test-results"]);

const PROTO = "proto/containerd/services/version/v1/version.proto";

/**
 * A copy of the workspace whose tasks do nothing: inputs, outputs and arrows are the real ones, and quick to ask about.
 * Only the generator is let run.
 */
async function copyWorkspace(copy: string): Promise<void> {
  await cp(root, copy, {
    recursive: true,
    filter: (source) => source === root || !MADE.has(source.slice(dirname(source).length + 1)),
  });
  const files = await readdir(copy, { recursive: true });
  for (const file of files.filter((path) => /(?:^|\/)(?:project|nx)\.json$/.test(path))) {
    const text = await readFile(join(copy, file), "utf8");
    await writeFile(join(copy, file), text.replaceAll(/("command": )"(?!buf generate)[^"]*"/g, '$1"true"'));
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
}

describe("the tasks of the workspace", () => {
  let copy = "";

  /** Runs tasks in the copy; resolves with those that were really run, sorted. */
  async function runTasks(...targets: readonly string[]): Promise<string[]> {
    const { stdout } = await run(
      process.execPath,
      [join(root, "node_modules/.bin/nx"), "run-many", "-t", ...targets, "--output-style=static"],
      {
        cwd: copy,
        env: {
          ...process.env,
          PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
          NX_WORKSPACE_ROOT_PATH: copy,
          NX_DAEMON: "false",
          NX_ISOLATE_PLUGINS: "false",
          NX_NO_CLOUD: "true",
          NX_SKIP_NX_CACHE: "false",
          FORCE_COLOR: "0",
        },
      },
    );
    const tasks = Array.from(stdout.matchAll(/^> nx run (\S+)(.*)$/gm), ([, task = "", how = ""]) => ({ task, how }));
    return tasks
      .filter(({ how }) => !how.includes("["))
      .map(({ task }) => task)
      .sort();
  }

  beforeAll(async () => {
    copy = join(await mkdtemp(join(tmpdir(), "voiyd-tasks-")), "workspace");
    await mkdir(copy);
    await copyWorkspace(copy);
  });
  afterAll(() => rm(dirname(copy), { recursive: true }));

  test("run once; again, nothing is left to do", async () => {
    const first = await runTasks("build", "typecheck", "test");
    expect(first).toEqual(expect.arrayContaining(["containerd-client:codegen", "containerd-client:build", "cli:test"]));
    expect(await runTasks("build", "typecheck", "test")).toEqual([]);
  });

  test("after a change of a .proto file: what uses it, and nothing else", async () => {
    await appendFile(join(copy, PROTO), "\n// A change.\n");
    const built = ["cli", "containerd-client", "runtime-containerd"];
    expect(await runTasks("build", "typecheck", "test")).toEqual(
      [
        "containerd-client:codegen",
        ...["bench", "examples"].flatMap((name) => [`${name}:build`]),
        ...["bench", "e2e"].flatMap((name) => [`${name}:typecheck`]),
        ...built.flatMap((name) => [`${name}:build`, `${name}:typecheck`, `${name}:test`]),
      ].sort(),
    );
  });

  test("after a change of a test: no build", async () => {
    await appendFile(join(copy, "packages/logger/src/secret.test.ts"), "\n// A change.\n");
    expect(await runTasks("build", "test")).toEqual(["logger:test"]);
  });

  test("after a change of the logger: those that are built on it, and not what stands apart", async () => {
    await appendFile(join(copy, "packages/logger/src/index.ts"), "\n// A change.\n");
    const done = await runTasks("build");
    expect(done).toEqual(expect.arrayContaining(["logger:build", "networking-cni:build", "oci-registry:build"]));
    expect(done.filter((task) => /^(?:runtime-api|containerd-client|runtime-testing|harness):/.test(task))).toEqual([]);
  });
});

describe("nothing calls home", () => {
  const text = (file: string): Promise<string> => readFile(join(root, file), "utf8");

  test("neither Nx nor the generator of the wire code has a way to", async () => {
    expect(JSON.parse(await text("nx.json"))).toMatchObject({ neverConnectToCloud: true, analytics: false });
    expect(await text("nx.json")).not.toMatch(/nxCloud|accessToken/);
    expect(await text("buf.gen.yaml")).not.toContain("remote:");
    expect(await text("buf.yaml")).not.toContain("deps:");
  });

  test("the lock file names no place to download from, and no package runs a script when it is installed", async () => {
    const places = Array.from(
      (await text("package-lock.json")).matchAll(/"resolved": "([^"]*)"/g),
      ([, place]) => place,
    );
    expect(places.filter((place) => place?.includes(":"))).toEqual([]);
    expect(await text(".npmrc")).toContain("ignore-scripts=true");
  });
});
