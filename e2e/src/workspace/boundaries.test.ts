import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

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
  // The one package in which a runtime and a network manager are put together. Its tests run on the runtime in memory.
  cli: [
    "containerd-client",
    "logger",
    "networking-cni",
    "oci-registry",
    "runtime-api",
    "runtime-containerd",
    "runtime-testing",
  ],
};

/** Programs around the packages, that nothing may depend on but each other. */
const PRIVATE = ["bench", "e2e", "examples", "harness", "voiyd"];

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
    const packages = [...graph].filter(([name]) => !PRIVATE.includes(name));
    expect(Object.fromEntries(packages)).toEqual(ARROWS);
    expect(graph.get("harness")).toEqual([]);
  }, 120_000);
});

/** Imports that would break the house. */
const FORBIDDEN: [project: string, imported: string, why: string][] = [
  ["runtime-containerd", "@voiyd/networking-cni", "may not know CNI"],
  ["runtime-api", "@voiyd/logger", "depends on nothing"],
  ["networking-cni", "@voiyd/containerd-client", "does not know containerd"],
  ["cli", "@voiyd/harness", "is no test"],
  ["logger", "yaml", "needs nothing from npm"],
  ["oci-registry", "@bufbuild/protobuf", "does not know the wire"],
];

describe("lint catches an import", () => {
  const file = (project: string): string => join(root, "packages", project, "src", "forbidden-import.ts");
  let report: readonly unknown[] = [];

  beforeAll(async () => {
    for (const [project, imported] of FORBIDDEN) {
      const code = `import * as forbidden from "${imported}";\n\nexport const what: unknown = forbidden;\n`;
      await writeFile(file(project), code);
    }
    const files = FORBIDDEN.map(([project]) => file(project));
    const eslint = ["node_modules/eslint/bin/eslint.js", "--format", "json", ...files];
    const output = await run(process.execPath, eslint, { cwd: root, env }).then(
      ({ stdout }) => stdout,
      (error: unknown) =>
        typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : "",
    );
    const value: unknown = JSON.parse(output);
    if (!Array.isArray(value)) throw new Error("eslint's report is not a list");
    report = value;
  }, 120_000);
  afterAll(async () => {
    for (const [project] of FORBIDDEN) await rm(file(project));
  });

  test.each(FORBIDDEN)("in %s of %s, which %s", (project) => {
    const found = report.filter((entry) => Reflect.get(Object(entry), "filePath") === file(project));
    expect(JSON.stringify(found)).toContain("@nx/enforce-module-boundaries");
  });
});
