import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** Other programs to try beside the one that runs this: `VOIYD_NODES=/opt/node22/bin/node:/opt/node24/bin/node`. */
const NODES = [process.execPath, ...(process.env["VOIYD_NODES"] ?? "").split(":").filter((path) => path !== "")];

/** Whatever a package does at import, it does as on that system. */
const pretend = (platform: string): string =>
  `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });`;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "exports" in value &&
    typeof value.exports === "object" &&
    value.exports !== null
  );
}

/** Every module that a user can name: the packages' entries, and what a wildcard among their exports stands for. */
async function entries(): Promise<string[]> {
  const folders = await readdir(join(root, "packages"));
  const found = await Promise.all(
    folders.map(async (folder) => {
      const manifest: unknown = JSON.parse(await readFile(join(root, "packages", folder, "package.json"), "utf8"));
      if (!isManifest(manifest)) throw new Error(`packages/${folder}/package.json is none`);
      const paths = Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"));
      const modules = paths.includes("./api/*") ? await generated(join(root, "packages", folder)) : [];
      return [...paths.filter((path) => !path.endsWith("*")), ...modules].map((path) => manifest.name + path.slice(1));
    }),
  );
  return found.flat();
}

async function generated(home: string): Promise<string[]> {
  const files = await readdir(join(home, "dist/esm/gen"), { recursive: true });
  return files.filter((file) => file.endsWith("_pb.js")).map((file) => `./api/${file.slice(0, -"_pb.js".length)}`);
}

/** Loads the modules as ESM and as CommonJS; resolves with what could not be loaded, what was written, and what waits. */
async function load(node: string, platform: string, modules: readonly string[]): Promise<unknown> {
  const program = `
    ${pretend(platform)}
    const { createRequire } = await import("node:module");
    const require = createRequire(import.meta.url);
    const failures = [];
    let loaded = 0;
    for (const name of ${JSON.stringify(modules)}) {
      const ways = { import: () => import(name), require: async () => require(name) };
      for (const [way, load] of Object.entries(ways)) {
        const exported = await load().catch((error) => failures.push(way + " " + name + ": " + error));
        if (typeof exported === "object" && Object.keys(exported).length > 0) loaded++;
      }
    }
    // Files that the loader has read are no resources of the packages.
    const waiting = process.getActiveResourcesInfo().filter((kind) => !/Pipe|TTY|FS|Close/.test(kind));
    console.log(JSON.stringify({ platform: process.platform, failures, waiting, loaded }));`;
  const { stdout, stderr } = await run(node, ["--input-type=module", "--eval", program], { cwd: root });
  const outcome: unknown = JSON.parse(stdout);
  return { outcome, stderr };
}

describe.each(NODES)("with %s, every package", (node) => {
  test.each(["linux", "darwin", "win32", "freebsd"])("can be imported and required on %s", async (platform) => {
    const modules = await entries();
    expect(modules.length).toBeGreaterThan(30);
    expect(await load(node, platform, modules)).toEqual({
      outcome: { platform, failures: [], waiting: [], loaded: modules.length * 2 },
      stderr: "",
    });
  });

  test.each(["darwin", "win32"])("and the command explains itself on %s, too", async (platform) => {
    const hook = `data:text/javascript,${encodeURIComponent(pretend(platform))}`;
    const { stdout } = await run(node, ["--import", hook, join(root, "packages/cli/bin/voiyd.cjs"), "--help"], {
      cwd: root,
    });
    expect(stdout).toContain("usage: voiyd");
  });
});
