// Builds programs of a released Go module into the cache folder, once for each version.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../steps.mjs";

/** Beside other programs' caches, so that all checkouts of a machine share it (XDG Base Directory Specification). */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "voiyd", "matrix");

/** Whether there is a Go toolchain. */
export async function hasGo() {
  return (await run("go", ["version"], { quiet: true })) === 0;
}

/**
 * The folder with the programs; undefined when they could not be built, which `run` has shown. A build that was cut short
 * is not taken for a whole one: the folder gets its name last.
 */
export async function buildPrograms({ module, version, packages, tags, linkerFlags }, log) {
  const folder = join(CACHE, `${module.replaceAll("/", "-")}-${version}`);
  // One of an earlier list of programs is built anew.
  if (packages.every((path) => existsSync(join(folder, basename(path))))) return folder;
  log(`Building ${packages.map((path) => basename(path)).join(", ")} of ${module} ${version}`);
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "build-"));
  try {
    // A module of our own that requires the release: `go install` refuses modules with replace directives.
    writeFileSync(join(work, "go.mod"), "module voiyd.invalid/matrix\n\ngo 1.24\n");
    mkdirSync(join(work, "bin"));
    const go = (args) => run("go", args, { quiet: true, cwd: work, env: { CGO_ENABLED: "0", GOFLAGS: "-mod=mod" } });
    const names = packages.map((path) => `${module}/${path}`);
    const flags = ["-trimpath", "-ldflags", linkerFlags, "-tags", tags];
    if ((await go(["get", ...names.map((name) => `${name}@${version}`)])) !== 0) return undefined;
    if ((await go(["build", ...flags, "-o", "bin/", ...names])) !== 0) return undefined;
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, "bin"), folder);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
