// Installs packages of Debian and Ubuntu: without questions, without starting services, and whole, or not at all.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const POLICY = "/usr/sbin/policy-rc.d";
const OUR_POLICY =
  "#!/bin/sh\n# No service starts while voiyd installs packages; this file goes away afterwards.\nexit 101\n";

/** Runs a program; resolves with its exit code (127 when it cannot be started) and everything it said. */
export function run(file, args, { cwd } = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l", LC_ALL: "C" };
    // A session of its own: Ctrl-C at the terminal reaches us alone.
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env, cwd, detached: true });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ code: 127, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

export const lastLines = (text) => text.trim().split("\n").slice(-8).join("\n");

/**
 * Keeps packages from starting their services while `work` runs (Debian Policy 9.11, invoke-rc.d and policy-rc.d). A
 * policy that the machine has already is left as it is, unless it is one that a killed run of ours has left behind.
 */
export async function withoutServices(work) {
  if (existsSync(POLICY) && readFileSync(POLICY, "utf8") !== OUR_POLICY) return work();
  const remove = () => rmSync(POLICY, { force: true });
  writeFileSync(POLICY, OUR_POLICY, { mode: 0o755 });
  chmodSync(POLICY, 0o755); // whatever the umask is
  process.once("exit", remove);
  try {
    return await work();
  } finally {
    remove();
    process.off("exit", remove);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Lets `work` run to its end when Ctrl-C comes, and only then lets the signal have the effect that it would have had: a
 * package half installed helps nobody.
 */
export async function whole(log, work) {
  let interrupted;
  const wait = (signal) => {
    interrupted = signal;
    log("  Stopping as soon as the packages are in order …");
  };
  const others = SIGNALS.map((signal) => [signal, process.listeners(signal)]);
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, wait);
  try {
    return await work();
  } finally {
    for (const [signal, listeners] of others) {
      process.off(signal, wait);
      for (const listener of listeners) process.on(signal, listener);
    }
    if (interrupted !== undefined) process.kill(process.pid, interrupted);
  }
}

const LOCK_PATIENCE_S = 300;
const LOCK_PAUSE_MS = 2_000;

/** apt-get without questions, patient with networks that break and with another one that is at work. */
export async function aptGet(args, options) {
  const settings = ["Acquire::Retries=3", `DPkg::Lock::Timeout=${LOCK_PATIENCE_S}`, "Dpkg::Options::=--force-confold"];
  const words = ["-y", ...settings.flatMap((setting) => ["-o", setting]), ...args];
  const end = performance.now() + LOCK_PATIENCE_S * 1000;
  for (;;) {
    const result = await run("apt-get", words, options);
    // The lock of the lists is not among those that apt-get waits for itself.
    const locked = result.code !== 0 && result.output.includes("Could not get lock");
    if (!locked || performance.now() > end) return result;
    await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
  }
}

export async function updateLists(log) {
  log("  Fetching the list of packages (apt-get update) …");
  const { code, output } = await aptGet(["update"]);
  // Other sources of this machine may be broken; what counts is whether our packages can be installed.
  if (code !== 0) log(`  The list could not be fetched completely:\n${lastLines(output)}`);
}

/** What dpkg and apt-get say after one of them was killed at work. */
const LEFT_HALF = /dpkg was interrupted|Unmet dependencies|unmet dependencies|--fix-broken/u;

/** Finishes an installation of somebody's that was cut short. */
async function finishInterrupted(log) {
  log("  Packages of an interrupted installation are put in order first (dpkg --configure -a) …");
  await run("dpkg", ["--force-confold", "--configure", "-a"]);
  // What could not be configured lacks packages that were not unpacked yet.
  await aptGet(["install", "--fix-broken", "--no-install-recommends", "--no-remove"]);
}

export async function installPackages(packages, log) {
  let updated = false;
  const update = async () => {
    updated = true;
    await updateLists(log);
  };
  const known = await run("apt-cache", ["show", "--no-all-versions", ...packages]);
  if (known.code !== 0 || packages.some((name) => !new RegExp(`^Package: ${name}$`, "mu").test(known.output)))
    await update();
  const install = () => aptGet(["install", "--no-install-recommends", "--no-remove", ...packages]);
  log(`  Installing ${packages.join(", ")} …`);
  let result = await install();
  if (result.code !== 0 && LEFT_HALF.test(result.output)) {
    await finishInterrupted(log);
    result = await install();
  }
  if (result.code !== 0 && !updated) {
    await update(); // an old list names files that are not there any more
    result = await install();
  }
  return result;
}

export async function isInstalled(name) {
  const { code, output } = await run("dpkg-query", ["--show", "--showformat", "${db:Status-Status}", name]);
  return code === 0 && output.trim() === "installed";
}

export async function installedOf(names) {
  const installed = await Promise.all(names.map(isInstalled));
  return names.filter((_, index) => installed[index]);
}
