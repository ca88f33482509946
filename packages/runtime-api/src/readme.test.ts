import { describe, expect, test } from "@jest/globals";
import { readFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Container, ContainerRequest, Runtime } from "./index.js";
import { CONTAINER_VERSION, generateId, RUNTIME_ERROR_CODES, RuntimeError } from "./index.js";

const run = promisify(execFile);
const readme = await readFile("README.md", "utf8");

/** The example, compiled as its reader would do it. */
async function compiledExample(): Promise<(runtime: Runtime, name: string, image: string) => Promise<Container>> {
  const code = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? "";
  await mkdir("out-tsc", { recursive: true });
  const folder = await mkdtemp("out-tsc/readme-");
  try {
    await writeFile(join(folder, "example.mts"), code);
    const options = ["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
    await run(process.execPath, [
      resolve("../../node_modules/@typescript/native/bin/tsc"),
      "--ignoreConfig",
      ...options,
      join(folder, "example.mts"),
    ]);
    const loaded: unknown = await import(resolve(folder, "example.mjs"));
    if (!hasExample(loaded)) throw new Error("the example has no function ensureRunning");
    return loaded.ensureRunning;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function hasExample(
  value: unknown,
): value is { ensureRunning: (runtime: Runtime, name: string, image: string) => Promise<Container> } {
  return (
    typeof value === "object" && value !== null && "ensureRunning" in value && typeof value.ensureRunning === "function"
  );
}

const unused = (): Promise<never> => Promise.reject(new Error("not called"));

/** A runtime that runs what was pulled, once a name. */
function smallRuntime(calls: string[]): Runtime {
  const containers = new Map<string, Container>();
  const pulled = new Set<string>();
  const known = (name: string): Container => {
    const container = containers.get(name);
    if (container === undefined) throw new RuntimeError("NOT_FOUND", `container ${name} does not exist`);
    return container;
  };
  return {
    list: unused,
    stop: unused,
    kill: unused,
    delete: unused,
    cleanup: unused,
    labels: unused,
    io: unused,
    version: unused,
    id: unused,
    name: unused,
    namespace: () => "test",
    get: (ref) => {
      calls.push("get");
      return Promise.resolve(known(typeof ref === "string" ? ref : ref.meta.name));
    },
    pull: ({ config }) => {
      calls.push("pull");
      pulled.add(config.image);
      return Promise.resolve();
    },
    run: ({ config, meta }: ContainerRequest) => {
      calls.push("run");
      if (!pulled.has(config.image)) return Promise.reject(new RuntimeError("IMAGE_NOT_FOUND", config.image));
      if (containers.has(meta.name)) return Promise.reject(new RuntimeError("NAME_IN_USE", meta.name));
      const now = new Date(0);
      const container: Container = {
        version: CONTAINER_VERSION,
        meta: { name: meta.name, labels: meta.labels ?? {}, created: now, updated: now, revision: 1 },
        config,
        status: { phase: "running", id: generateId() },
      };
      containers.set(meta.name, container);
      return Promise.resolve(container);
    },
  };
}

describe("the README", () => {
  test("has an example that compiles and does what it says", async () => {
    const ensureRunning = await compiledExample();
    const calls: string[] = [];
    const runtime = smallRuntime(calls);
    const first = await ensureRunning(runtime, "web", "nginx");
    const second = await ensureRunning(runtime, "web", "nginx");
    expect(second).toEqual(first);
    expect(calls).toEqual(["run", "pull", "run", "run", "get"]);
  });

  test("explains every error code, and no other", () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` *\|/gm)].map(([, code]) => code);
    expect(rows.filter((code) => RUNTIME_ERROR_CODES.some((known) => known === code))).toEqual([
      ...RUNTIME_ERROR_CODES,
    ]);
  });

  test("has every export in its table", async () => {
    const index = await readFile("src/index.ts", "utf8");
    const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = ""]) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    );
    expect(exported.length).toBeGreaterThan(50);
    expect(exported.filter((name) => !new RegExp(`\`${name}\\b`).test(readme))).toEqual([]);
  });
});
