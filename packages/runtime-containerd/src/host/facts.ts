import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, hostname, totalmem } from "node:os";
import { join } from "node:path";
import { type CgroupFeature, cgroupFeatures } from "./cgroup-features.js";
import { parseHardLimits } from "./hard-limits.js";

export type { CgroupFeature } from "./cgroup-features.js";

/** What a spec depends on. Read once: it does not change while the host is up. What is absent is not known. */
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
  /** What the host's control groups can limit. */
  readonly cgroupFeatures?: ReadonlySet<CgroupFeature>;
  /** The sizes of huge pages that the kernel has, as `2MB`. */
  readonly hugePageSizes?: readonly string[];
  readonly hostname?: string;
  /** The number of CPUs that this process may use. */
  readonly cpus?: number;
  /** As `0-7`: the CPUs and the memory nodes that are there. */
  readonly onlineCpus?: string;
  readonly onlineMems?: string;
  /** `fs.nr_open`: no process can have more files open. */
  readonly maxOpenFiles?: number;
  /** The hard limits of this process, by their names as ulimits; -1 for none. */
  readonly hardLimits?: Readonly<Record<string, number>>;
  /** Of this process. */
  readonly oomScoreAdj?: number;
  /** The kernel puts AppArmor profiles on processes. */
  readonly apparmor?: boolean;
  /** A SELinux policy is loaded. */
  readonly selinux?: boolean;
}

/** `statfs(2)`: the magic number of the cgroup v2 file system. */
const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUP_ROOT = "/sys/fs/cgroup";
const HUGE_PAGES = "/sys/kernel/mm/hugepages";

export function readHostFacts(): HostFacts {
  const cgroupVersion = statfsSync(CGROUP_ROOT).type === CGROUP2_SUPER_MAGIC ? 2 : 1;
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8");
  const [major, minor] = release.split(".", 2).map((part) => Number.parseInt(part, 10));
  const capabilities = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const cgroupRoots = cgroupVersion === 2 ? [CGROUP_ROOT] : cgroupV1Roots(readFileSync("/proc/self/mountinfo", "utf8"));
  const onlineCpus = readIfThere("/sys/devices/system/cpu/online");
  const onlineMems = readIfThere("/sys/devices/system/node/online");
  const maxOpenFiles = Number(readIfThere("/proc/sys/fs/nr_open"));
  return {
    architecture: process.arch === "arm64" ? "arm64" : "x64",
    cgroupVersion,
    kernel: { major: major ?? 0, minor: minor ?? 0 },
    memory: totalmem(),
    bootId: readBootId(),
    boundingCapabilities: BigInt(`0x${capabilities}`),
    cgroupRoots,
    cgroupFeatures: cgroupFeatures(
      cgroupVersion,
      cgroupFiles(cgroupRoots),
      readIfThere(join(CGROUP_ROOT, "cgroup.controllers")) ?? "",
    ),
    hugePageSizes: existsSync(HUGE_PAGES) ? hugePageSizes(readdirSync(HUGE_PAGES)) : [],
    hostname: hostname(),
    cpus: availableParallelism(),
    ...(onlineCpus === undefined ? {} : { onlineCpus }),
    ...(onlineMems === undefined ? {} : { onlineMems }),
    ...(maxOpenFiles > 0 ? { maxOpenFiles } : {}),
    hardLimits: parseHardLimits(readFileSync("/proc/self/limits", "utf8")),
    oomScoreAdj: Number(readIfThere("/proc/self/oom_score_adj") ?? 0),
    apparmor: readIfThere("/sys/module/apparmor/parameters/enabled")?.startsWith("Y") === true,
    selinux: existsSync("/sys/fs/selinux/enforce"),
  };
}

/** Another one after each start of the machine (random(4)). */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
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

/** `hugepages-2048kB` is what control groups call `2MB`. */
export function hugePageSizes(folders: readonly string[]): string[] {
  return folders.flatMap((name) => {
    const kib = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(kib)) return [];
    if (kib >= 1024 ** 2) return [`${String(kib / 1024 ** 2)}GB`];
    return [kib >= 1024 ? `${String(kib / 1024)}MB` : `${String(kib)}KB`];
  });
}

/** The files of the root groups, and of one group below each: some settings exist only there. */
function cgroupFiles(roots: readonly string[]): ReadonlySet<string> {
  const names = roots.flatMap((root) => {
    const entries = readdirSync(root, { withFileTypes: true });
    const child = entries.find((entry) => entry.isDirectory())?.name;
    const below = child === undefined || !existsSync(join(root, child)) ? [] : readdirSync(join(root, child));
    return [...entries.map((entry) => entry.name), ...below];
  });
  return new Set(names);
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}
