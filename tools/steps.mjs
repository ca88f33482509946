// What the two commands share: running a program with its output shown, and getting a checkout ready. Plain Node.js,
// because it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The oldest Node.js that the packages support, as in package.json. */
const LEAST_NODE = [20, 19];

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return undefined;
  return `Node.js ${LEAST_NODE.join(".")} or newer is needed; this is ${process.versions.node}.`;
}

/** The children that run now: they are ended with us. */
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    stopped = true;
    if (running.size === 0) process.exit(1);
    for (const child of running) child.kill(signal);
  });
}
/** Whether this process has been told to end: it does when its children have, and begins nothing more. */
let stopped = false;

/**
 * Runs a program in the checkout and resolves with its exit code; `quiet` keeps its output for when it fails, and `output`, a
 * list, takes it for whoever wants to show it later.
 */
export function run(file, args, { output: kept, quiet = kept !== undefined, env = {}, cwd = root } = {}) {
  return new Promise((resolve) => {
    const output = kept ?? [];
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    });
    running.add(child);
    child.stdout?.on("data", (chunk) => output.push(chunk));
    child.stderr?.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => {
      running.delete(child);
      console.error(`${file}: ${error.message}`);
      resolve(127);
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      if (stopped && running.size === 0) process.exit(1);
      if (quiet && kept === undefined && code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? (signal === null ? 1 : 130));
    });
  });
}

/** Installs the packages of package-lock.json, unless exactly these have been installed completely before. */
export async function installPackages(log) {
  const stamp = join(root, "node_modules", ".voiyd-installed");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return 0;
  log("Installing the npm packages of package-lock.json");
  const code = await run("npm", ["ci", "--no-audit", "--no-fund"], { quiet: true });
  // Written last: an installation that was cut short is not taken for a whole one.
  if (code === 0) writeFileSync(stamp, lock);
  return code;
}

/** Runs Nx from the checkout's own packages; never a daemon, never the cloud. */
export function nx(args, options = {}) {
  const env = {
    NX_DAEMON: "false",
    NX_NO_CLOUD: "true",
    NX_TUI: "false",
    NX_ISOLATE_PLUGINS: "false",
    FORCE_COLOR: "0",
    ...options.env,
  };
  // What Nx runs finds the checkout's programs.
  const path = `${join(root, "node_modules", ".bin")}:${options.env?.PATH ?? process.env.PATH ?? ""}`;
  return run(process.execPath, [join(root, "node_modules", ".bin", "nx"), ...args], {
    ...options,
    env: { ...env, PATH: path },
  });
}
