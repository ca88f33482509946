import { access, constants } from "node:fs/promises";
import { join } from "node:path";

const USUAL_DIRECTORIES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The path of a program of the host, as a shell would find it; undefined when there is none. */
export async function findProgram(name: string, path: string = process.env["PATH"] ?? ""): Promise<string | undefined> {
  // A service manager may give less than an administrator has.
  const directories = new Set(
    [...path.split(":"), ...USUAL_DIRECTORIES.split(":")].filter((directory) => directory.startsWith("/")),
  );
  for (const directory of directories) {
    const candidate = join(directory, name);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here: the next one.
      continue;
    }
  }
  return undefined;
}
