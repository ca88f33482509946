// Installs what the tests and the quickstart need on this machine: containerd and its companions, from the packages of
// Debian or Ubuntu. Plain Node.js without dependencies, because it runs before anything else is there.
//
//   node tools/install-host.mjs            installs what is missing (as root), or says what is missing
//   import { installHost } from "…"        the same, with a report
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  aptGet,
  installedOf,
  installPackages,
  isInstalled,
  lastLines,
  run,
  updateLists,
  whole,
  withoutServices,
} from "./apt-packages.mjs";
import { EXTRAS, isThere, missingRequirements, OWN_BUSYBOX } from "./host-requirements.mjs";

/** Packages that bring a service, which we do not want: the harness starts private ones. */
const SERVICES = ["containerd", "docker-registry"];

/** Takes the program out of the package without installing it, where another busybox package is in its place. */
async function placeBusybox(log) {
  log(`  Another busybox package is installed and stays; putting a static one into ${OWN_BUSYBOX} …`);
  const folder = mkdtempSync(join(tmpdir(), "voiyd-busybox-"));
  try {
    const download = () => aptGet(["download", "busybox-static"], { cwd: folder });
    let result = await download();
    if (result.code !== 0) {
      await updateLists(log);
      result = await download();
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
 * cannot be done: `ok`, what was `installed`, what is still `missing`, and where not `ok`, `problem`, a sentence, and
 * `tried`: whether this is a machine on which it should have worked.
 */
export async function installHost({ log = (line) => console.log(line), extras = false } = {}) {
  const missing = missingRequirements();
  const report = (problem, { installed = [], tried = false } = {}) => ({
    ok: problem === undefined,
    tried,
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
  if (failed !== undefined) return report(`installing failed:\n${lastLines(failed.output)}`, { tried: true });
  const left = missingRequirements();
  if (left.length > 0)
    return report(`still missing after installing: ${left.map((requirement) => requirement.what).join(", ")}`, {
      installed: packages,
      tried: true,
    });
  log("  Done.");
  if (extras) await installExtras(log);
  return report(undefined, { installed: packages, tried: true });
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const { ok, problem, installed } = await installHost({ extras: true });
  if (!ok) console.error(problem);
  else if (installed.length === 0) console.log("Everything that is needed is installed.");
  process.exitCode = ok ? 0 : 1;
}
