// Writes down which OCI specs Docker makes of the flags in packages/runtime-containerd/fixtures/docker/flags.json. Run it as root on a
// host with Docker's daemon, containerd, runc and a static busybox installed: node programs/capture-docker-specs.mjs
//
// The daemon is a private one: its own folders and socket, no bridge, no firewall rules; it is ended at the end. It
// runs containers with a wrapper around runc that keeps what Docker hands over, so a host that cannot run one of the
// combinations still shows the spec.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../../packages/runtime-containerd/fixtures/docker");
const DOCKER = process.env.DOCKER ?? "/usr/bin/docker";
const DAEMON = process.env.DOCKERD ?? "/usr/sbin/dockerd";
const RUNC = process.env.RUNC ?? "/usr/sbin/runc";
const BUSYBOX = process.env.BUSYBOX ?? "/bin/busybox";
const START_MS = 60_000;

const { images, cases } = JSON.parse(readFileSync(join(fixtures, "flags.json"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "voiyd-docker-"));
const socket = `unix://${join(work, "docker.sock")}`;
const kept = join(work, "kept.json");

function docker(...args) {
  return execFileSync(DOCKER, ["--host", socket, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 5_000,
  }).trim();
}

/** A file tree with nothing but busybox and the files that name users. */
function makeRootfs() {
  const root = join(work, "rootfs");
  for (const folder of ["bin", "etc", "tmp", "data", "dev", "proc", "sys"])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  for (const name of ["sh", "sleep", "true"]) symlinkSync("busybox", join(root, "bin", name));
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\nplain:x:1001:50::/:/bin/sh\n",
  );
  writeFileSync(
    join(root, "etc/group"),
    "root:x:0:\nwheel:x:10:root,app\napp:x:1000:\nmedia:x:44:app,plain\nstaff:x:50:\n",
  );
  writeFileSync(join(root, "data/seed"), "from the image\n");
  const tar = join(work, "rootfs.tar");
  execFileSync("tar", ["-C", root, "-cf", tar, "."]);
  return tar;
}

async function startDaemon() {
  const wrapper = join(work, "runc-kept");
  writeFileSync(
    wrapper,
    `#!/bin/sh
previous=
for argument in "$@"; do
  if [ "$previous" = --bundle ]; then
    case " $* " in *" create "*) cp "$argument/config.json" ${kept} ;; esac
  fi
  previous=$argument
done
exec ${RUNC} "$@"
`,
  );
  chmodSync(wrapper, 0o755);
  const daemon = spawn(
    DAEMON,
    [
      "--data-root",
      join(work, "data"),
      "--exec-root",
      join(work, "exec"),
      "--host",
      socket,
      "--pidfile",
      join(work, "pid"),
      "--iptables=false",
      "--ip6tables=false",
      "--bridge=none",
      "--storage-driver=vfs",
      "--oom-score-adjust=0",
      `--add-runtime=kept=${wrapper}`,
      "--default-runtime=kept",
      ...(process.env.CONTAINERD === undefined ? [] : ["--containerd", process.env.CONTAINERD]),
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  daemon.stderr.on("data", (chunk) => (log += chunk));
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      docker("version");
      return daemon;
    } catch (error) {
      if (daemon.exitCode !== null || Date.now() > deadline)
        throw new Error(`the daemon did not start: ${log}`, { cause: error });
    }
    await sleep(200);
  }
}

/** What is different in every run, or on every host, is replaced by a name for it. */
function normalise(spec, id, hashes) {
  const { seccomp, ...linux } = spec.linux;
  const text = JSON.stringify({ ...spec, hooks: undefined, linux: { ...linux, seccomp: profileName(seccomp, hashes) } })
    .replaceAll(id, "<id>")
    .replaceAll(id.slice(0, 12), "<short-id>")
    .replaceAll(join(work, "data"), "<data>")
    .replaceAll(join(work, "exec"), "<exec>")
    .replaceAll(work, "<work>");
  return JSON.parse(
    text
      .replace(/volumes\/[0-9a-f]{64}/g, "volumes/<anonymous>")
      .replace(/\/proc\/\d+\/ns/g, "/proc/<pid>/ns")
      .replace(/vfs\/dir\/[0-9a-f]+/g, "vfs/dir/<layer>")
      .replace(/<data>\/containers\/[0-9a-f]{64}/g, "<data>/containers/<other>"),
  );
}

function profileName(seccomp, hashes) {
  if (seccomp === undefined) return undefined;
  const name = createHash("sha256").update(JSON.stringify(seccomp)).digest("hex").slice(0, 12);
  hashes.set(name, seccomp);
  return name;
}

function show(value) {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

let daemon;
try {
  daemon = await startDaemon();
  const tar = makeRootfs();
  mkdirSync(join(work, "host"), { mode: 0o755 });
  writeFileSync(join(work, "host/file"), "x");
  copyFileSync(join(fixtures, "seccomp-custom.json"), join(work, "seccomp.json"));
  for (const [name, changes] of Object.entries(images))
    docker("import", ...changes.flatMap((change) => ["--change", change]), tar, name);
  docker("run", "--detach", "--name", "neighbour", "--ipc", "shareable", "plain");

  const specs = {};
  const failed = {};
  const profiles = new Map();
  for (const { name, image = "plain", flags, args = [] } of cases) {
    rmSync(kept, { force: true });
    console.log(name);
    const given = flags.map((flag) => flag.replaceAll("<work>", work));
    let id;
    let started = true;
    try {
      id = docker("create", ...given, image, ...args);
    } catch (error) {
      failed[name] = String(error.stderr).trim();
      continue;
    }
    try {
      docker("start", id);
    } catch (error) {
      failed[name] = String(error.stderr).trim();
      started = false;
    }
    if (existsSync(kept)) specs[name] = normalise(JSON.parse(readFileSync(kept, "utf8")), id, profiles);
    if (!started) continue;
    try {
      docker("rm", "--force", "--volumes", id);
    } catch (error) {
      // The whole daemon with its folders is thrown away in a moment.
      failed[name] = `is not removed: ${String(error.message)}`;
    }
  }
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const host = {
    docker: docker("version", "--format", "{{.Server.Version}}"),
    architecture: process.arch,
    kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
    boundingCapabilities: bounding,
    cgroupVersion: statfsSync("/sys/fs/cgroup").type === 0x63677270 ? 2 : 1,
  };
  writeFileSync(join(fixtures, "docker-specs.json"), show({ host, specs }));
  writeFileSync(join(fixtures, "docker-seccomp.json"), show(Object.fromEntries(profiles)));
  console.log(`${Object.keys(specs).length} of ${cases.length} combinations written down`);
  for (const [name, reason] of Object.entries(failed)) {
    console.log(`${specs[name] === undefined ? "MISSING" : "kept, though it did not start"}: ${name}: ${reason}`);
  }
} finally {
  if (daemon !== undefined && daemon.exitCode === null) {
    const ended = new Promise((resolve) => daemon.once("close", resolve));
    daemon.kill("SIGTERM");
    // A container that never came up keeps the daemon from leaving.
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
