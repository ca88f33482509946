import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import * as runtime from "./index.js";

const run = promisify(execFile);
const home = fileURLToPath(new URL("../", import.meta.url));
const compiler = join(home, "../../node_modules/@typescript/native/bin/tsc");

/** This package does not know CNI, and is built without it: any network manager will do. */
const NETWORKING = `
  declare module "@voiyd/networking-cni" {
    export function createNetworkManager(): import("@voiyd/runtime-api").NetworkManager;
  }
`;

async function readme(): Promise<string> {
  return readFile(join(home, "README.md"), "utf8");
}

async function compile(code: string): Promise<string> {
  await mkdir(join(home, "out-tsc"), { recursive: true });
  // Within the package, where its own name and those of its dependencies are found.
  const folder = await mkdtemp(join(home, "out-tsc", "readme-"));
  try {
    await writeFile(join(folder, "example.mts"), code);
    await writeFile(join(folder, "networking.d.ts"), NETWORKING);
    const options = ["--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2023"];
    // Connect's own declarations want a name of the DOM.
    const lib = [
      "--lib",
      "es2023,esnext.disposable",
      "--types",
      "node",
      "--skipLibCheck",
      "--noEmit",
      "--ignoreConfig",
    ];
    const files = [join(folder, "example.mts"), join(folder, "networking.d.ts")];
    return await run(process.execPath, [compiler, ...options, ...lib, ...files]).then(
      () => "",
      (error: unknown) =>
        typeof error === "object" && error !== null && "stdout" in error ? String(error.stdout) : String(error),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

// The end-to-end tests run it.
test("the first example of the README compiles, and a wrong one does not", async () => {
  const example = /^```ts\n(.*?)^```$/ms.exec(await readme())?.[1] ?? "";
  expect(example).toContain("createContainerdRuntime(client, network)");
  expect(await compile(example)).toBe("");
  expect(await compile(example.replace("runtime.run(", "runtime.walk("))).toContain("walk");
}, 60_000);

test("the tables of the README name every method, and every option with its default", async () => {
  // A table may be aligned.
  const text = (await readme()).replace(/ +/g, " ");
  const methods = Object.getOwnPropertyNames(runtime.ContainerdRuntime.prototype).filter(
    (name) => name !== "constructor",
  );
  for (const method of methods) expect(text).toContain(`\`${method}(`);
  const cells = new Set(text.split("|").map((cell) => cell.trim()));
  expect(cells).toContain(`\`${runtime.DEFAULT_LOG_DIR_FMT}\``);
  expect(cells).toContain(`\`${runtime.DEFAULT_STATE_DIR}\``);
});
