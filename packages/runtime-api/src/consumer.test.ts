import { describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve("../..");

const CODE = `
import { generateId, isRuntimeError, RuntimeError, canWait } from "@voiyd/runtime-api";
import type { Container, ContainerIO, NetworkManager, Runtime, RuntimeErrorCode } from "@voiyd/runtime-api";

export const id: string = generateId();

export async function main(runtime: Runtime, network: NetworkManager): Promise<number | "unknown" | undefined> {
  const container: Container = await runtime.run({ meta: { name: "web" }, config: { image: "nginx" } });
  const io: ContainerIO = await runtime.io(container.status.id);
  io.stdout.getReader();
  await network[Symbol.asyncDispose]();
  return canWait(runtime) ? (await runtime.wait(container)).exitCode : undefined;
}

export function codeOf(error: unknown): RuntimeErrorCode | undefined {
  return isRuntimeError(error, "NOT_FOUND") || error instanceof RuntimeError ? error.code : undefined;
}
`;

/** Compiles a program that uses the built package, from a place where it is installed; resolves with the complaints. */
async function complaintsOf(
  compiler: string,
  code: string,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  await mkdir("out-tsc", { recursive: true });
  const folder = await mkdtemp("out-tsc/consumer-");
  try {
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: [],
      lib: ["es2022", "dom"],
      target: "es2022",
      ...options,
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.mts", "*.cts"] }));
    await writeFile(join(folder, "esm.mts"), code);
    await writeFile(join(folder, "commonjs.cts"), code);
    const { stdout } = await run(process.execPath, [join(root, compiler), "-p", folder]).catch((error: unknown) => {
      // Complaints are written to the standard output: without any, it is not the program that is wrong.
      if (typeof error === "object" && error !== null && "stdout" in error && error.stdout !== "")
        return { stdout: error.stdout };
      throw error;
    });
    return String(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each(["node_modules/@typescript/native/bin/tsc", "node_modules/typescript/bin/tsc6"])(
  "a consumer with %s",
  (compiler) => {
    test.each([
      ["as Node.js resolves it", { module: "nodenext" }],
      ["as a bundler resolves it", { module: "esnext", moduleResolution: "bundler" }],
    ])(
      "needs no types but the platform's, %s",
      async (_, options) => {
        expect(await complaintsOf(compiler, CODE, options)).toBe("");
      },
      60_000,
    );

    test("is told when it passes a name for an id, and when it forgets a code", async () => {
      const wrong = `
import type { ID, RuntimeErrorCode } from "@voiyd/runtime-api";
export const id: ID = "web";
export const code: RuntimeErrorCode = "NO_SUCH_CODE";
`;
      const complaints = await complaintsOf(compiler, wrong, { module: "nodenext" });
      expect(complaints).toContain("'ID'");
      expect(complaints).toContain("NO_SUCH_CODE");
    });
  },
);

describe("the built package", () => {
  test("is one contract for ESM and CommonJS: errors of one copy are errors of the other", async () => {
    const program = `
import { createRequire } from "node:module";
import { RuntimeError, isRuntimeError } from "@voiyd/runtime-api";
const other = createRequire(import.meta.url)("@voiyd/runtime-api");
const error = new other.RuntimeError("NOT_FOUND", "x");
console.log(other.RuntimeError === RuntimeError, error instanceof RuntimeError, isRuntimeError(error, "NOT_FOUND"));
`;
    expect(await outputOf(program)).toBe("false true true\n");
  });

  test("does nothing when it is imported", async () => {
    const program = `
const before = [Object.keys(globalThis).length, process.listenerCount("exit"), process.listenerCount("uncaughtException")];
await import("@voiyd/runtime-api");
const after = [Object.keys(globalThis).length, process.listenerCount("exit"), process.listenerCount("uncaughtException")];
console.log(String(before) === String(after), process.getActiveResourcesInfo().filter((name) => name === "Timeout").length);
`;
    expect(await outputOf(program)).toBe("true 0\n");
  });
});

async function outputOf(program: string): Promise<string> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  return stdout;
}
