import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where bare specifiers are resolved from: this package, as its users see it, built. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the text of a module in a process of its own; resolves with its output when it has ended by itself. */
export function runModule(source: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: PACKAGE, env: { ...process.env, ...env }, timeout: 30_000 };
    const child = execFile(process.execPath, ["--input-type=module"], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
    child.stdin?.end(source);
  });
}
