import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ctrObstacle, Ctr } from "./ctr.js";
import { loopLag } from "./loop-lag.js";
import { Samples } from "./statistics.js";
import { Subject } from "./subject.js";

/** Folders of the host that `ctr` uses and cannot be told otherwise about. */
const HIDDEN: readonly string[] = ["/var/lib/cni", "/etc/cni", "/opt"];
const INSIDE = "VOIYD_BENCH_INSIDE";

/** Hides the host's CNI folders behind empty ones, and shows `ctr` the plugins and our list where it looks for them. */
function ownFolders(confDir: string): void {
  for (const dir of HIDDEN) execFileSync("mount", ["-t", "tmpfs", "tmpfs", dir]);
  const plugins = ["/usr/lib/cni", "/usr/libexec/cni"].find((dir) => existsSync(join(dir, "bridge")));
  mkdirSync("/opt/cni/bin", { recursive: true });
  mkdirSync("/etc/cni/net.d", { recursive: true });
  if (plugins !== undefined) execFileSync("mount", ["--bind", plugins, "/opt/cni/bin"]);
  execFileSync("mount", ["--bind", confDir, "/etc/cni/net.d"]);
}

/** One claim, or one fact: the quotient of two samples. */
function compare(samples: Samples, what: string, above: string, below: string, most?: number): boolean {
  const fastest = samples.fastest(above, below).toFixed(2);
  return line(`${what} (fastest rounds: ${fastest})`, samples.ratio(above, below), most);
}

/** How much longer the default list takes than the programs of it that nobody can do without. */
function overPrograms(samples: Samples, what: "attach" | "detach", name: string, most?: number): boolean {
  const [all, programs] = [`${what} plugins${name}`, `programs of ${what} plugins${name}`];
  return compare(samples, `list ${what}${name} / its programs`, all, programs, most);
}

function line(what: string, ratio: number, most?: number): boolean {
  const holds = most === undefined || ratio <= most;
  const claim = most === undefined ? "" : ` (claim: at most ${String(most)}, ${holds ? "holds" : "DOES NOT HOLD"})`;
  console.log(`${what}: ${ratio.toFixed(2)}${claim}`);
  return holds;
}

async function main(rounds: number): Promise<boolean> {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  const dir = mkdtempSync(join(tmpdir(), "voiyd-bench-"));
  const samples = new Samples();
  const [list, lean] = [new Subject("plugins", 0, dir), new Subject("lean", 1, dir)];
  // The first attaches make what all containers share.
  for (const subject of [list, lean]) for (const port of [false, true]) await subject.round(new Samples(), 1, port);
  for (let round = 0; round < rounds; round += 1) {
    for (const withPort of [false, true]) {
      for (const subject of [list, lean]) await subject.round(samples, 1, withPort);
      await list.round(samples, 1, withPort, true);
    }
  }
  for (let round = 0; round < Math.ceil(rounds / 4); round += 1) {
    for (const withPort of [false, true]) for (const subject of [list, lean]) await subject.round(samples, 8, withPort);
  }
  const obstacle = ctrObstacle();
  if (obstacle === undefined) {
    ownFolders(join(dir, "plugins", "net.d"));
    await using ctr = new Ctr(dir);
    await ctr.ready();
    await ctr.round(new Samples());
    for (let round = 0; round < rounds; round += 1) {
      await ctr.round(samples);
      await list.round(samples, 1, false);
    }
  } else console.log(`skipped: ctr: ${obstacle}`);
  const lag = await loopLag(join(dir, "lag"), 400);
  for (const name of samples.names) console.log(`${name.padEnd(40)} ${samples.median(name).toFixed(1)} ms`);
  const holds = ["", " + port"].flatMap((port) => [
    compare(samples, `lean attach${port} / list attach`, `attach lean${port} x1`, `attach plugins${port} x1`, 0.3),
    compare(samples, `lean detach${port} / list detach`, `detach lean${port} x1`, `detach plugins${port} x1`, 0.4),
    overPrograms(samples, "attach", `${port} x1 whole`, 1.05),
    overPrograms(samples, "attach", `${port} x1`),
    overPrograms(samples, "detach", `${port} x1`),
    compare(samples, `8 at once${port}: lean / list attach`, `attach lean${port} x8`, `attach plugins${port} x8`),
  ]);
  if (obstacle === undefined) {
    const cni = samples.median("ctr run --cni") - samples.median("ctr run");
    const ours = samples.median("attach plugins x1") + samples.median("detach plugins x1");
    line(`list attach and detach / what --cni adds to ctr run (${cni.toFixed(0)} ms)`, ours / cni);
  }
  console.log(
    `event loop held up, p99 of 16 attaches with 400 MB: inline ${lag.inline.toFixed(1)} ms, broker ${lag.broker.toFixed(1)} ms`,
  );
  rmSync(dir, { recursive: true, force: true });
  return holds.every(Boolean);
}

if (process.env[INSIDE] === undefined) {
  // There has to be something to mount on.
  const made = HIDDEN.filter((folder) => !existsSync(folder));
  for (const folder of made) mkdirSync(folder);
  const args = ["--net", "--mount", process.execPath, ...process.argv.slice(1)];
  process.exitCode =
    spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } }).status ?? 1;
  for (const folder of made) rmdirSync(folder);
} else {
  process.exitCode = (await main(Number(process.argv[2] ?? "20"))) ? 0 : 1;
}
