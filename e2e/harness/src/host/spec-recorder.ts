import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../requirements/find-program.js";
import type { HostPaths } from "./host-paths.js";

/** OCI runtimes that a shim of runc's kind may call. */
const RUNTIMES = ["runc", "crun"];

type RecorderPaths = Pick<HostPaths, "directory">;

function folders({ directory }: RecorderPaths): { readonly programs: string; readonly specs: string } {
  return { programs: join(directory, "bin"), specs: join(directory, "specs") };
}

/** Keeps the specification of each container that is created, and becomes the real runtime: same process, same arguments. */
function recorder(runtime: string, specs: string): string {
  return `#!/bin/sh
bundle= creating= previous=
for argument in "$@"; do
  [ "$argument" = create ] && creating=yes
  [ "$previous" = --bundle ] && bundle=$argument
  previous=$argument
done
[ -n "$creating" ] && [ -n "$bundle" ] && cp -- "$bundle/config.json" '${specs}'/"$$-\${bundle##*/}.json"
exec '${runtime}' "$@"
`;
}

/**
 * Makes the daemon's shims find, before the real OCI runtimes, programs that keep every specification. Returns the search
 * path that the daemon is to be started with.
 */
export async function installSpecRecorder(paths: RecorderPaths): Promise<string> {
  const { programs, specs } = folders(paths);
  await mkdir(programs, { mode: 0o700 });
  await mkdir(specs, { mode: 0o700 });
  for (const name of RUNTIMES) {
    const real = await findProgram(name);
    if (real === undefined) continue;
    await writeFile(join(programs, name), recorder(real, specs));
    await chmod(join(programs, name), 0o755);
  }
  return `${programs}:${process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"}`;
}

/** Every specification that reached an OCI runtime on this host so far, as text, by the file that it is kept in. */
export async function recordedSpecs(paths: RecorderPaths): Promise<ReadonlyMap<string, string>> {
  const { specs } = folders(paths);
  const names = await readdir(specs);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(specs, name), "utf8")] as const)),
  );
}
