import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TempFolder } from "./temp-folder.js";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const LINKED = ["containerd-client", "logger", "oci-registry", "runtime-api"]
  .map((name) => `@voiyd/${name}`)
  .concat("yaml");

/** What stands where the package `koffi` is to be: as it comes, without its add-on, with one that is none, or nothing at all. */
export type InstalledKoffi = "whole" | "without add-on" | "broken add-on" | "incomplete" | "left out";

/** This package as it was built, in a folder of a user's. What it depends on is there by links; `koffi` is not there yet. */
export async function installPackage(folder: TempFolder): Promise<void> {
  const own = folder.at("node_modules/@voiyd/runtime-containerd");
  await cp(join(PACKAGE, "package.json"), join(own, "package.json"));
  await cp(join(PACKAGE, "dist/cjs"), join(own, "dist/cjs"), { recursive: true, filter: isRun });
  for (const name of LINKED) await symlink(homeOf(name), folder.at("node_modules", name));
}

/** Puts one, or none, in the place of what is there. */
export async function installKoffi(folder: TempFolder, koffi: InstalledKoffi): Promise<void> {
  for (const name of ["koffi", "@koromix"]) await rm(folder.at("node_modules", name), { recursive: true, force: true });
  if (koffi === "whole") await symlink(homeOf("koffi"), folder.at("node_modules/koffi"));
  else if (koffi !== "left out") await copyKoffi(folder.at("node_modules"), koffi);
}

/** Types and maps are for those who develop, and most of what there is. */
function isRun(path: string): boolean {
  return !path.endsWith(".map") && !path.endsWith(".d.ts");
}

/** Only the code in JavaScript: what is compiled is in packages of its own, one for each kind of machine. */
async function copyKoffi(modules: string, koffi: InstalledKoffi): Promise<void> {
  await cp(join(homeOf("koffi"), "package.json"), join(modules, "koffi/package.json"));
  if (koffi === "incomplete") return;
  for (const file of ["index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"]) {
    await cp(join(homeOf("koffi"), file), join(modules, "koffi", file));
  }
  if (koffi === "without add-on") return;
  const addon = join(modules, "@koromix", `koffi-${process.platform}-${process.arch}`);
  await mkdir(addon, { recursive: true });
  await writeFile(join(addon, "index.js"), 'module.exports = require("./koffi.node");');
  await writeFile(join(addon, "koffi.node"), "no library");
}

/** Runs CommonJS there; resolves with what it prints. */
export async function runInstalled(folder: TempFolder, source: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source], { cwd: folder.path, env });
  return stdout.trim();
}

/** The folder of a package that this one depends on. */
function homeOf(name: string): string {
  const folders = createRequire(join(PACKAGE, "package.json")).resolve.paths(name) ?? [];
  const home = folders.map((folder) => join(folder, name)).find((path) => existsSync(join(path, "package.json")));
  if (home === undefined) throw new Error(`${name} is not installed`);
  return home;
}
