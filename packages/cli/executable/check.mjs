// Runs what was built: a file that answers wrongly is none.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Throws when an executable does not say its version, or leaves files of variables to Node.js. */
export function checkExecutable(path, version) {
  const folder = mkdtempSync(join(tmpdir(), "voiyd-executable-"));
  const run = (...args) => spawnSync(path, args, { cwd: folder, encoding: "utf8", env: {} });
  const expect = (args, text) => {
    const { stdout, stderr, error } = run(...args);
    if (error !== undefined) throw error;
    if (!`${stdout}${stderr}`.includes(text)) {
      throw new Error(`the executable does not work: ${args.join(" ")} says ${stdout}${stderr}`);
    }
  };
  try {
    expect(["--version"], `voiyd ${version}\n`);
    // Both are errors of the program's own, which it has to have been asked for.
    expect(["exec", "--env-file", "missing", "web", "ls"], "voiyd: --env-file: missing cannot be read");
    writeFileSync(join(folder, "hostile"), "NODE_OPTIONS=--no-such-option\n");
    for (const file of [["--env-file", "hostile"], ["--env-file=hostile"]]) {
      expect(["exec", ...file, "--workdir", "no/path", "web", "ls"], 'workingDir: "no/path" is not valid');
      expect(["exec", "--workdir", "no/path", "web", "ls", ...file], 'workingDir: "no/path" is not valid');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
