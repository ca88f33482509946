import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig, ContainerRequest } from "@voiyd/runtime-api";
import { parseCommandLine } from "../command-line/parse.js";
import { readContainerRequest } from "./container-request.js";
import { RUN_OPTIONS } from "./run-options.js";

const sources = {
  env: { TERM: "dumb" },
  cwd: "/home/ada",
  readFile: (path: string): Promise<string> =>
    path === "a.env" ? Promise.resolve("FROM_FILE=1\n") : Promise.reject(new Error("ENOENT")),
};

async function read(...args: readonly string[]): Promise<ContainerRequest> {
  const parsed = parseCommandLine(args, RUN_OPTIONS, { interspersed: false });
  return (await readContainerRequest(parsed, "web", sources)).request;
}

const plain: ContainerConfig = { image: "nginx", noNewPrivileges: false };

describe("the request of a run command line", () => {
  test.each<[string[], Partial<ContainerConfig>]>([
    [[], {}],
    [
      ["-e", "A=1", "-e", "TERM", "-e", "ABSENT"],
      {
        envvars: [
          { name: "A", value: "1" },
          { name: "TERM", value: "dumb" },
        ],
      },
    ],
    [["--env-file", "a.env"], { envvars: [{ name: "FROM_FILE", value: "1" }] }],
    [["-v", "./x:/y:ro"], { mounts: [{ type: "bind", source: "/home/ada/x", destination: "/y", readOnly: true }] }],
    [["--tmpfs", "/t:size=1m"], { mounts: [{ type: "tmpfs", destination: "/t", size: 1_048_576 }] }],
    [["-p", "80"], { portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }] }],
    [["-u", "ada:users"], { user: "ada:users" }],
    [["-w", "/srv"], { workingDir: "/srv" }],
    [["--entrypoint", "sh"], { entrypoint: ["sh"] }],
    [["--entrypoint", ""], { entrypoint: [] }],
    [["-h", "box"], { hostname: "box" }],
    [["--privileged"], { privileged: true }],
    [["--privileged=false"], {}],
    [["--cap-add", "net_admin", "--cap-drop", "ALL"], { capabilities: { add: ["net_admin"], drop: ["ALL"] } }],
    [["--hardened"], { hardened: true, noNewPrivileges: true }],
    [["--hardened", "--security-opt", "no-new-privileges=false"], { hardened: true }],
    [["--group-add", "audio", "--group-add", "7"], { groupAdd: ["audio", "7"] }],
    [["--umask", "077"], { umask: 0o077 }],
    [["--domainname", "example.org"], { domainname: "example.org" }],
    [["--init"], { init: true }],
    [["--runtime", "crun"], { runtime: "crun" }],
    [["--annotation", "a=b=c"], { annotations: { a: "b=c" } }],
    [["--pid", "host", "--ipc", "shareable", "--uts="], { namespaces: { pid: "host", ipc: "shareable" } }],
    [["--pid", "container:db"], { namespaces: { pid: "container:db" } }],
    [["--cgroupns", "private", "--userns", "host"], { namespaces: { cgroup: "private", user: "host" } }],
    [
      ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"],
      {
        namespaces: {
          user: {
            uids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
            gids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
          },
        },
      },
    ],
    [
      ["--volumes-from", "a", "--volumes-from", "b:ro"],
      { volumesFrom: [{ container: "a" }, { container: "b", readOnly: true }] },
    ],
    [["--volume-driver", "local"], {}],
    [["--shm-size", "1g"], { shmSize: 1_073_741_824 }],
    [["--shm-size", "0"], {}],
    [
      ["--device", "/dev/null", "--gpus", "2"],
      { devices: [{ path: "/dev/null" }, { cdi: "nvidia.com/gpu=0" }, { cdi: "nvidia.com/gpu=1" }] },
    ],
    [["--device-cgroup-rule", "c 13:* rwm"], { deviceCgroupRules: ["c 13:* rwm"] }],
    [["--sysctl", "net.core.somaxconn=64"], { sysctls: { "net.core.somaxconn": "64" } }],
    [["--security-opt", "seccomp=a.env"], { seccomp: { profile: "FROM_FILE=1\n" } }],
    [
      ["--security-opt", "apparmor=mine", "--security-opt", "label:type:t"],
      { apparmor: "mine", selinux: { type: "t" } },
    ],
    [["--security-opt", "writable-cgroups=true"], { writableCgroups: true }],
    [["--oom-score-adj", "-5"], { oomScoreAdj: -5 }],
    [["--cgroup-parent", "/a/b"], { cgroupParent: "/a/b" }],
    [["--ulimit", "nofile=1", "--ulimit", "nofile=2:3"], { ulimits: [{ name: "nofile", soft: 2, hard: 3 }] }],
    [
      [
        "-m",
        "1g",
        "--memory-swap",
        "-1",
        "--memory-reservation",
        "512m",
        "--memory-swappiness",
        "0",
        "--oom-kill-disable",
      ],
      {
        resources: {
          memory: 1_073_741_824,
          memorySwap: -1,
          memoryReservation: 536_870_912,
          memorySwappiness: 0,
          oomKillDisable: true,
        },
      },
    ],
    [
      ["-c", "512", "--cpu-quota", "25000", "--cpu-period", "50000", "--cpuset-cpus", "0-1", "--cpuset-mems", "0"],
      { resources: { cpuShares: 512, cpuQuota: 25_000, cpuPeriod: 50_000, cpusetCpus: "0-1", cpusetMems: "0" } },
    ],
    [
      ["--cpu-rt-period", "1000", "--cpu-rt-runtime", "500", "--kernel-memory", "64m"],
      { resources: { cpuRealtimePeriod: 1000, cpuRealtimeRuntime: 500, kernelMemory: 67_108_864 } },
    ],
    [["--memory=0", "--memory-swap=0", "--memory-swappiness=-1", "--cpus=0", "--cpu-shares=0", "--blkio-weight=0"], {}],
    [["--cgroup-conf", "memory.high=64M"], { resources: { unified: { "memory.high": "64M" } } }],
    [
      [
        ...["--blkio-weight", "500", "--blkio-weight-device", "/dev/sda:100", "--device-read-bps", "/dev/sda:1mb"],
        ...[
          "--device-write-bps",
          "/dev/sda:1k",
          "--device-read-iops",
          "/dev/sda:9",
          "--device-write-iops",
          "/dev/sda:8",
        ],
      ],
      {
        resources: {
          blockIO: {
            weight: 500,
            weightDevices: [{ path: "/dev/sda", weight: 100 }],
            readBps: [{ path: "/dev/sda", rate: 1_048_576 }],
            writeBps: [{ path: "/dev/sda", rate: 1024 }],
            readIops: [{ path: "/dev/sda", rate: 9 }],
            writeIops: [{ path: "/dev/sda", rate: 8 }],
          },
        },
      },
    ],
    [
      ["--env-file", "a.env", "-e", "B=1", "-e", "FROM_FILE=2"],
      {
        envvars: [
          { name: "B", value: "1" },
          { name: "FROM_FILE", value: "2" },
        ],
      },
    ],
    [["--isolation", "default", "--disable-content-trust", "--verify", "none", "--systemd", "false"], {}],
    [["--cap-drop", "ALL"], { capabilities: { drop: ["ALL"] } }],
    [["--net", "host"], { network: "host" }],
    [
      ["-m", "512m", "--cpus", "1.5", "--pids-limit", "100"],
      { resources: { memory: 536_870_912, cpus: 1.5, pids: 100 } },
    ],
    [["--pids-limit", "0"], { resources: { pids: -1 } }],
    [["--pids-limit", "-1"], { resources: { pids: -1 } }],
    [["--read-only"], { readOnlyRootfs: true }],
    [["--security-opt", "no-new-privileges"], { noNewPrivileges: true }],
    [["--stop-signal", "INT", "--stop-timeout", "3"], { stopSignal: "INT", stopTimeoutMs: 3000 }],
  ])("%j", async (options, expected) => {
    expect(await read(...options, "nginx")).toEqual({
      meta: { name: "web", labels: {} },
      config: { ...plain, ...expected },
    });
  });

  test("what follows the image belongs to the container", async () => {
    const { config } = await read("-d", "nginx", "-d", "--name", "x", "--", "-e");
    expect(config).toEqual({ ...plain, args: ["-d", "--name", "x", "--", "-e"] });
  });

  test("labels", async () => {
    expect((await read("-l", "a=1", "--label", "b", "nginx")).meta.labels).toEqual({ a: "1", b: "" });
  });

  test.each<[string[], string]>([
    [["-m", "1m"], "resources.memory"],
    [["--cpus", "many"], "--cpus"],
    [["--env-file", "b.env"], "--env-file: b.env cannot be read: ENOENT"],
    [["-l", "voiyd.io/name=x"], "labels"],
    [["-p", "80:80", "-p", "80:81"], "portMappings[1].hostPort"],
    [["--net", "host", "-p", "80"], "portMappings"],
    [["-u", "0:0:0"], "user"],
    [["-w", "srv"], "workingDir"],
    [["-v", "/a:b"], "--volume"],
    [["--mount", "type=bind"], "--mount"],
    [["-v", "/a:/b", "--tmpfs", "/b"], "mounts[1].destination"],
    [["--tmpfs", "t"], "mounts[0].destination"],
    [["--pid", "private"], "--pid"],
    [["--ipc", "foo"], "--ipc"],
    [["--userns", "foo"], "--userns"],
    [["--cgroupns", "foo"], "--cgroupns"],
    [["--security-opt", "foo"], "--security-opt"],
    [["--security-opt", "seccomp=/none"], "--security-opt seccomp: /none cannot be read"],
    [["--label-file", "/none"], "--label-file: /none cannot be read"],
    [["--volume-driver", "nfs"], "--volume-driver"],
    [["--sysctl", "vm.foo=1"], "sysctls"],
    [["--ulimit", "foo=1"], "ulimits[0].name"],
    [["--ulimit", "nofile=2:1"], "ulimits[0].soft"],
    [["--memory-swappiness", "101"], "resources.memorySwappiness"],
    [["--oom-score-adj", "1001"], "oomScoreAdj"],
    [["--blkio-weight", "5"], "resources.blockIO.weight"],
    [["--device", "null"], "devices[0].path"],
    [["--device-cgroup-rule", "x"], "deviceCgroupRules"],
    [["--cgroup-parent", "../x"], "cgroupParent"],
    [["--runtime", "/usr/bin/runc"], "runtime"],
    [["--cap-add", "FLY"], "capabilities"],
    [["--stop-signal", "SIGFOO"], "stopSignal"],
  ])("%j is refused, by name", async (options, name) => {
    await expect(read(...options, "nginx")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(name),
    });
  });

  test("-v names folders that are made where they are missing, and --mount does not", async () => {
    const parsed = parseCommandLine(
      ["-v", "/a:/b", "-v", "named:/c", "--mount", "type=bind,src=/d,dst=/e", "nginx"],
      RUN_OPTIONS,
      { interspersed: false },
    );
    expect((await readContainerRequest(parsed, "web", sources)).foldersToMake).toEqual(["/a"]);
  });

  test.each([
    ["--isolation", "hyperv"],
    ["--cpu-count", "1"],
    ["--storage-opt", "size=1g"],
    ["--systemd", "always"],
    ["--verify", "cosign"],
    ["--rdt-class", "gold"],
  ])("%s %s is known and refused, with the reason", async (...options) => {
    await expect(read(...options, "nginx")).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
      message: expect.stringContaining(options[0]),
    });
  });
});
