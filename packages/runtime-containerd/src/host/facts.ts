import { readFileSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";

/** What a spec depends on. Read once: it does not change while the host is up. */
export interface HostFacts {
  readonly architecture: "x64" | "arm64";
  readonly cgroupVersion: 1 | 2;
  readonly kernel: { readonly major: number; readonly minor: number };
  readonly memory: number;
  readonly bootId: string;
  /** The capabilities that a container can be given at most: the bounding set of this process, as a bit mask. */
  readonly boundingCapabilities: bigint;
  /** The control group controllers' folders (v1), or the root of the one hierarchy (v2). */
  readonly cgroupRoots: readonly string[];
}

/** `statfs(2)`: the magic number of the cgroup v2 file system. */
const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUP_ROOT = "/sys/fs/cgroup";

export function readHostFacts(): HostFacts {
  const cgroupVersion = statfsSync(CGROUP_ROOT).type === CGROUP2_SUPER_MAGIC ? 2 : 1;
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8");
  const [major, minor] = release.split(".", 2).map((part) => Number.parseInt(part, 10));
  const capabilities = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return {
    architecture: process.arch === "arm64" ? "arm64" : "x64",
    cgroupVersion,
    kernel: { major: major ?? 0, minor: minor ?? 0 },
    memory: totalmem(),
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    boundingCapabilities: BigInt(`0x${capabilities}`),
    cgroupRoots: cgroupVersion === 2 ? [CGROUP_ROOT] : cgroupV1Roots(readFileSync("/proc/self/mountinfo", "utf8")),
  };
}

/** The mount points of the v1 controllers, and of the v2 hierarchy that may stand beside them (`proc_pid_mountinfo(5)`). */
export function cgroupV1Roots(mountinfo: string): string[] {
  const roots = mountinfo.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ", 2);
    const mountPoint = before?.split(" ")[4];
    return after !== undefined && /^cgroup2? /.test(after) && mountPoint !== undefined ? [mountPoint] : [];
  });
  return [...new Set(roots)];
}
