import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const env = { ...process.env, NX_DAEMON: "false", NX_ISOLATE_PLUGINS: "false", NX_NO_CLOUD: "true" };

/** The arrows of the design. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "runtime-api": [],
  logger: [],
  "containerd-client": [],
  "oci-registry": ["logger", "runtime-api"],
  "networking-cni": ["logger", "runtime-api"],
  "runtime-containerd": ["containerd-client", "logger", "oci-registry", "runtime-api"],
  "runtime-testing": ["runtime-api"],
};

/** For each project, the projects that it depends on. */
async function readGraph(): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-graph-"));
  try {
    const file = join(folder, "graph.json");
    await run(process.execPath, ["node_modules/.bin/nx", "graph", `--file=${file}`], { cwd: root, env });
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    const dependencies = Object.entries(objectAt(objectAt(value, "graph"), "dependencies"));
    return new Map(dependencies.map(([name, targets]) => [name, targetsOf(targets)]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function objectAt(value: unknown, key: string): object {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof found !== "object" || found === null) throw new Error(`the graph has no ${key}`);
  return found;
}

function targetsOf(value: unknown): string[] {
  if (!Array.isArray(value)) throw new Error("a project's dependencies are not a list");
  const targets = value.map((item: unknown) => String(Reflect.get(Object(item), "target")));
  return [...new Set(targets)].sort();
}

describe("the house", () => {
  test("has the arrows of the design between its packages, and no other", async () => {
    const graph = await readGraph();
    for (const [name, targets] of Object.entries(ARROWS))
      expect({ name, targets: graph.get(name) }).toEqual({ name, targets });
    // The command line is the one package in which a runtime and a network manager are put together.
    const users = [...graph].filter(([, targets]) => targets.includes("networking-cni")).map(([name]) => name);
    expect(users.filter((name) => !["cli", "e2e", "examples", "bench"].includes(name))).toEqual([]);
  }, 120_000);

  test.each([
    ["runtime-containerd", "@voiyd/networking-cni", "may not know CNI"],
    ["runtime-api", "@voiyd/logger", "depends on nothing"],
    ["networking-cni", "@voiyd/containerd-client", "does not know containerd"],
  ])(
    "lint catches an import in %s of %s, which %s",
    async (project, imported) => {
      const file = join(root, "packages", project, "src", "forbidden-import.ts");
      await writeFile(file, `import * as forbidden from "${imported}";\n\nexport const what: unknown = forbidden;\n`);
      try {
        const report = await run(process.execPath, ["node_modules/eslint/bin/eslint.js", "--format", "json", file], {
          cwd: root,
          env,
        }).then(
          ({ stdout }) => stdout,
          (error: unknown) =>
            typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : "",
        );
        expect(report).toContain("@nx/enforce-module-boundaries");
      } finally {
        await rm(file);
      }
    },
    120_000,
  );
});
