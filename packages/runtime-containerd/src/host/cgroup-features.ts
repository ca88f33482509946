/** What control groups can limit, if the kernel was built so. */
export type CgroupFeature =
  | "memory"
  | "swap"
  | "swappiness"
  | "kernel-memory"
  | "oom-control"
  | "cpu"
  | "cpu-quota"
  | "cpu-realtime"
  | "cpuset"
  | "pids"
  | "block"
  | "block-weight"
  | "hugetlb";

/** The file of control groups v1 by which each can be told (kernel documentation, `cgroup-v1`). */
const V1_FILES: readonly (readonly [CgroupFeature, readonly string[]])[] = [
  ["memory", ["memory.limit_in_bytes"]],
  ["swap", ["memory.memsw.limit_in_bytes"]],
  ["swappiness", ["memory.swappiness"]],
  ["kernel-memory", ["memory.kmem.limit_in_bytes"]],
  ["oom-control", ["memory.oom_control"]],
  ["cpu", ["cpu.shares"]],
  ["cpu-quota", ["cpu.cfs_quota_us"]],
  ["cpu-realtime", ["cpu.rt_runtime_us"]],
  ["cpuset", ["cpuset.cpus"]],
  // The root group, which has no limit, has no file for one.
  ["pids", ["pids.max", "pids.current"]],
  ["block", ["blkio.throttle.read_bps_device"]],
  ["block-weight", ["blkio.weight", "blkio.bfq.weight"]],
];

/** Which controller of control groups v2 offers what; swap is told by a file. */
const V2_CONTROLLERS: Readonly<Record<string, readonly CgroupFeature[]>> = {
  memory: ["memory"],
  cpu: ["cpu", "cpu-quota"],
  cpuset: ["cpuset"],
  pids: ["pids"],
  io: ["block", "block-weight"],
  hugetlb: ["hugetlb"],
};

/**
 * @param files the names in the groups' folders
 * @param controllers `cgroup.controllers` of the root, for v2
 */
export function cgroupFeatures(
  version: 1 | 2,
  files: ReadonlySet<string>,
  controllers: string,
): ReadonlySet<CgroupFeature> {
  if (version === 2) {
    const found = controllers
      .split(/\s+/)
      .flatMap((name) => (Object.hasOwn(V2_CONTROLLERS, name) ? (V2_CONTROLLERS[name] ?? []) : []));
    // No root group has the file, so where no other group was seen it is taken for granted.
    return new Set(
      found.includes("memory") && (files.has("memory.swap.max") || !files.has("memory.max"))
        ? [...found, "swap"]
        : found,
    );
  }
  const found = V1_FILES.flatMap(([feature, names]) => (names.some((name) => files.has(name)) ? [feature] : []));
  // By v1's file: a hierarchy of v2 may stand beside, whose limits an OCI runtime does not set then.
  const hugetlb = [...files].some((name) => /^hugetlb\..+\.limit_in_bytes$/.test(name));
  return new Set(hugetlb ? [...found, "hugetlb"] : found);
}
