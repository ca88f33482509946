// Node.js takes `--env-file` for itself wherever it stands on a command line, in a single executable too, where it is the
// command's: for a container's variables. It would set NODE_OPTIONS of that file for itself, and fail for one that is missing,
// before anything of ours is run. What starts Node.js can say where its options end; a file that is Node.js cannot.
import { readFileSync, writeFileSync } from "node:fs";

const OPTION = "--env-file";
/** As long, and nothing that anybody types. */
const NOBODYS = "--env\x7ffile";

/** Renames the option in a copy of Node.js. Whether that was enough is for a run of it to tell (`check.mjs`). */
export function hideEnvFile(path) {
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(OPTION); at !== -1; at = bytes.indexOf(OPTION, at)) bytes.write(NOBODYS, at, "latin1");
  writeFileSync(path, bytes);
}
