// Writes down what a process finds in a container of Docker's defaults: the questions of src/security/fixtures/probe.json, and their
// answers into src/security/fixtures/docker-probe.json, or the file that is named. Run it as root on a host with Docker's daemon and a static busybox:
// node programs/capture-docker-probe.mjs [FILE]
//
// The daemon is a private one: its own folders and socket, no bridge, no firewall rules; it is ended at the end.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../src/security/fixtures");
const DOCKER = process.env.DOCKER ?? "/usr/bin/docker";
const DAEMON = process.env.DOCKERD ?? "/usr/sbin/dockerd";
const BUSYBOX = process.env.BUSYBOX ?? "/bin/busybox";
const START_MS = 60_000;
const MARK = "=== ";

const { masked, readonly, questions } = JSON.parse(readFileSync(join(fixtures, "probe.json"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "voiyd-docker-"));
const socket = `unix://${join(work, "docker.sock")}`;

function docker(...args) {
  return execFileSync(DOCKER, ["--host", socket, ...args], { encoding: "utf8", timeout: 60_000 });
}

function makeRootfs() {
  const root = join(work, "rootfs");
  for (const folder of ["bin", "etc", "tmp", "root", "dev", "proc", "sys"])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  for (const name of execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).trim().split("\n"))
    if (name !== "busybox") symlinkSync("busybox", join(root, "bin", name));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  execFileSync("tar", ["-C", root, "-cf", join(work, "rootfs.tar"), "."]);
}

const daemon = spawn(
  DAEMON,
  [
    ...["--data-root", join(work, "data"), "--exec-root", join(work, "exec"), "--host", socket],
    ...["--pidfile", join(work, "pid"), "--iptables=false", "--ip6tables=false", "--bridge=none"],
    ...["--storage-driver=vfs", "--oom-score-adjust=0"],
  ],
  { stdio: "ignore" },
);
try {
  const deadline = Date.now() + START_MS;
  for (let up = false; !up;) {
    try {
      docker("version");
      up = true;
    } catch (error) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
  makeRootfs();
  docker("import", join(work, "rootfs.tar"), "probe");
  const script = [
    `MASKED="${masked.join(" ")}"`,
    `READONLY="${readonly.join(" ")}"`,
    ...Object.entries(questions).map(([name, question]) => `echo "${MARK}${name}"; ${question}`),
  ].join("\n");
  const output = docker("run", "--network", "none", "--entrypoint", "/bin/sh", "probe", "-c", script);
  const answers = Object.fromEntries(
    output
      .split(MARK)
      .filter((part) => part.includes("\n"))
      .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1).trim()]),
  );
  const host = {
    docker: docker("version", "--format", "{{.Server.Version}}").trim(),
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
  };
  writeFileSync(
    process.argv[2] ?? join(fixtures, "docker-probe.json"),
    `${JSON.stringify({ host, answers }, undefined, 2)}\n`,
  );
  console.log(`${Object.keys(answers).length} properties written down`);
} finally {
  if (daemon.exitCode === null) {
    const ended = new Promise((resolve) => daemon.once("close", resolve));
    daemon.kill("SIGTERM");
    const patience = setTimeout(() => daemon.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(patience);
  }
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  for (const path of mounted.filter((path) => path.startsWith(`${work}/`)).reverse())
    execFileSync("umount", ["--lazy", "--", path]);
  rmSync(work, { recursive: true, force: true });
}
