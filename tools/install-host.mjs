// Installs what the tests and the quickstart need on this machine: containerd and its companions, from the packages of
// Debian or Ubuntu. Plain Node.js without dependencies, because it runs before anything else is there.
//
//   node tools/install-host.mjs            installs what is missing (as root), or says what is missing
//   import { installHost } from "…"        the same, with a report
import { spawn } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What must be there, and the package it comes in. The harness has the same list, with reasons; a test compares them. */
export const REQUIREMENTS = [
  ["program", "containerd", "containerd"],
  ["program", "containerd-shim-runc-v2", "containerd"],
  ["program", "ctr", "containerd"],
  ["program", "runc", "runc"],
  ["plugin", "bridge", "containernetworking-plugins"],
  ["plugin", "host-local", "containernetworking-plugins"],
  ["plugin", "portmap", "containernetworking-plugins"],
  ["plugin", "firewall", "containernetworking-plugins"],
  ["plugin", "tuning", "containernetworking-plugins"],
  ["plugin", "loopback", "containernetworking-plugins"],
  ["program", "iptables", "iptables"],
  ["program", "ip6tables", "iptables"],
  ["program", "iptables-save", "iptables"],
  ["program", "iptables-restore", "iptables"],
  ["program", "nft", "nftables"],
  ["program", "ip", "iproute2"],
  ["program", "docker-registry", "docker-registry"],
  ["program", "mount", "mount"],
  ["program", "umount", "mount"],
  ["program", "setpriv", "util-linux"],
  ["program", "nsenter", "util-linux"],
  ["program", "unshare", "util-linux"],
  ["program", "tini-static", "tini"],
  ["static-busybox", "a static busybox", "busybox-static"],
].map(([kind, what, aptPackage]) => ({ kind, what, aptPackage }));

/** Other people's programs that images are exchanged with. Tests without them are skipped, and say so. */
export const EXTRAS = [
  ["program", "skopeo", "skopeo"],
  ["program", "openssl", "openssl"],
].map(([kind, what, aptPackage]) => ({ kind, what, aptPackage }));

const PROGRAM_FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
const PLUGIN_FOLDERS = [
  "/opt/cni/bin",
  "/usr/local/libexec/cni",
  "/usr/local/lib/cni",
  "/usr/libexec/cni",
  "/usr/lib/cni",
];
/** Where a busybox goes that cannot be installed as a package, because another busybox package is in its place. */
const OWN_BUSYBOX = "/usr/local/lib/voiyd-harness/busybox";
const BUSYBOXES = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", OWN_BUSYBOX];
const POLICY = "/usr/sbin/policy-rc.d";
/** Packages that bring a service, which we do not want: the harness starts private ones. */
const SERVICES = ["containerd", "docker-registry"];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: either way not to be used
  }
}

/** Whether a program is an ELF file without a PT_INTERP segment, so that it runs without libraries (elf(5)). */
function isStaticElf(path) {
  if (!isExecutable(path)) return false;
  const program = readFileSync(path);
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46) return false;
  const is64 = program[4] === 2;
  const start = is64 ? Number(program.readBigUInt64LE(32)) : program.readUInt32LE(28);
  const size = program.readUInt16LE(is64 ? 54 : 42);
  const count = program.readUInt16LE(is64 ? 56 : 44);
  if (start + size * count > program.length) return false;
  return !Array.from({ length: count }, (_, index) => program.readUInt32LE(start + index * size)).includes(3);
}

function isThere({ kind, what }) {
  if (kind === "static-busybox") return BUSYBOXES.some(isStaticElf);
  return (kind === "plugin" ? PLUGIN_FOLDERS : PROGRAM_FOLDERS).some((folder) => isExecutable(join(folder, what)));
}

/** The requirements that this machine does not meet. Looks only. */
export function missingRequirements() {
  return REQUIREMENTS.filter((requirement) => !isThere(requirement));
}

/** Runs a program; resolves with its exit code (127 when it cannot be started) and everything it said. */
function run(file, args, options = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_MODE: "l", LC_ALL: "C" };
    // A session of its own: Ctrl-C at the terminal reaches us alone.
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env, cwd: options.cwd, detached: true });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ code: 127, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const lastLines = (text) => text.trim().split("\n").slice(-8).join("\n");

/**
 * Keeps packages from starting their services while `work` runs (Debian Policy 9.11, invoke-rc.d and policy-rc.d). A
 * policy that the machine has already is left as it is.
 */
async function withoutServices(work) {
  if (existsSync(POLICY)) return work();
  const remove = () => rmSync(POLICY, { force: true });
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
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
async function whole(log, work) {
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

const aptGet = (...args) =>
  run("apt-get", ["-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold", ...args]);

async function installPackages(packages, log) {
  let updated = false;
  const update = async () => {
    log("  Fetching the list of packages (apt-get update) …");
    const { code, output } = await run("apt-get", ["update"]);
    updated = true;
    // Other sources of this machine may be broken; what counts is whether our packages can be installed.
    if (code !== 0) log(`  The list could not be fetched completely:\n${lastLines(output)}`);
  };
  const known = await run("apt-cache", ["show", "--no-all-versions", ...packages]);
  if (known.code !== 0 || packages.some((name) => !new RegExp(`^Package: ${name}$`, "mu").test(known.output)))
    await update();
  const install = () => aptGet("install", "--no-install-recommends", "--no-remove", ...packages);
  log(`  Installing ${packages.join(", ")} …`);
  let result = await install();
  if (result.code !== 0 && !updated) {
    await update(); // an old list names files that are not there any more
    result = await install();
  }
  return result;
}

/** Takes the program out of the package without installing it, where another busybox package is in its place. */
async function placeBusybox(log) {
  log(`  Another busybox package is installed and stays; putting a static one into ${OWN_BUSYBOX} …`);
  const folder = mkdtempSync(join(tmpdir(), "voiyd-busybox-"));
  try {
    let result = await run("apt-get", ["download", "busybox-static"], { cwd: folder });
    if (result.code !== 0) {
      await run("apt-get", ["update"]);
      result = await run("apt-get", ["download", "busybox-static"], { cwd: folder });
    }
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    if (result.code !== 0 || archive === undefined) return result;
    const unpacked = await run("dpkg-deb", ["--extract", archive, "files"], { cwd: folder });
    if (unpacked.code !== 0) return unpacked;
    const program = ["bin/busybox", "usr/bin/busybox"].map((path) => join(folder, "files", path)).find(existsSync);
    if (program === undefined) return { code: 1, output: `${archive} holds no busybox` };
    mkdirSync(join(OWN_BUSYBOX, ".."), { recursive: true });
    copyFileSync(program, OWN_BUSYBOX);
    chmodSync(OWN_BUSYBOX, 0o755);
    return unpacked;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function isInstalled(name) {
  const { code, output } = await run("dpkg-query", ["--show", "--showformat", "${db:Status-Status}", name]);
  return code === 0 && output.trim() === "installed";
}

async function installedOf(names) {
  const installed = await Promise.all(names.map(isInstalled));
  return names.filter((_, index) => installed[index]);
}

/** Nothing depends on these, so that it cannot be done is said, and no failure. */
async function installExtras(log) {
  const packages = EXTRAS.filter((extra) => !isThere(extra)).map(({ aptPackage }) => aptPackage);
  if (packages.length === 0 || process.getuid?.() !== 0 || !isDebianLike()) return;
  log(`For exchanging images with other programs: ${packages.join(", ")}.`);
  const { code, output } = await whole(log, () => withoutServices(() => installPackages(packages, log)));
  if (code !== 0) log(`  They could not be installed; what needs them is skipped:\n${lastLines(output)}`);
}

/** A service that came with a package would start at the next boot, and listen on a port. */
async function disableServices(packages, log) {
  const services = SERVICES.filter((name) => packages.includes(name));
  if (services.length === 0 || !existsSync("/run/systemd/system")) return;
  log(`  Switching off the services that came with them (${services.join(", ")}): private ones are used instead …`);
  for (const service of services) await run("systemctl", ["disable", "--now", "--quiet", `${service}.service`]);
}

function isDebianLike() {
  if (!existsSync("/etc/os-release")) return false;
  const text = readFileSync("/etc/os-release", "utf8");
  const ids = [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gmu)].flatMap(([, names]) => (names ?? "").split(" "));
  return ids.includes("debian") || ids.includes("ubuntu");
}

/**
 * Installs what is missing, and says in plain words what it does. Resolves with a report and never throws for what
 * cannot be done: `ok`, what was `installed`, what is still `missing`, and `problem`, a sentence, where not `ok`.
 */
export async function installHost({ log = (line) => console.log(line), extras = false } = {}) {
  const missing = missingRequirements();
  const report = (problem, installed = []) => ({
    ok: problem === undefined,
    installed,
    missing: missingRequirements(),
    ...(problem === undefined ? {} : { problem }),
  });
  if (process.platform !== "linux") return report(`containerd runs on Linux only; this is ${process.platform}`);
  if (missing.length === 0) {
    if (extras) await installExtras(log);
    return report();
  }
  const packages = [...new Set(missing.map(({ aptPackage }) => aptPackage))];
  const what = missing.map((requirement) => requirement.what).join(", ");
  log(`Missing on this machine: ${what}.`);
  if (!isDebianLike())
    return report(`missing: ${what}; only Debian and Ubuntu packages can be installed by this program`);
  if (process.getuid?.() !== 0) return report(`missing: ${what}; as root: apt-get install ${packages.join(" ")}`);
  const aside = packages.includes("busybox-static") && (await isInstalled("busybox"));
  const ordinary = packages.filter((name) => !(aside && name === "busybox-static"));
  const before = await installedOf(ordinary);
  const failed = await whole(log, () =>
    withoutServices(async () => {
      const results = [];
      if (ordinary.length > 0) results.push(await installPackages(ordinary, log));
      if (aside) results.push(await placeBusybox(log));
      await disableServices(
        (await installedOf(ordinary)).filter((name) => !before.includes(name)),
        log,
      );
      return results.find(({ code }) => code !== 0);
    }),
  );
  if (failed !== undefined) return report(`installing failed:\n${lastLines(failed.output)}`);
  const left = missingRequirements();
  if (left.length > 0)
    return report(
      `still missing after installing: ${left.map((requirement) => requirement.what).join(", ")}`,
      packages,
    );
  log("  Done.");
  if (extras) await installExtras(log);
  return report(undefined, packages);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const { ok, problem, installed } = await installHost({ extras: true });
  if (!ok) console.error(problem);
  else if (installed.length === 0) console.log("Everything that is needed is installed.");
  process.exitCode = ok ? 0 : 1;
}
