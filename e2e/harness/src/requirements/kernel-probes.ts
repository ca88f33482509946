import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { listCgroupRoots } from "../cgroups/cgroup-roots.js";
import { HOSTS_FOLDER } from "../host/known-hosts.js";
import { type Execute, ExecuteError } from "../process/execute.js";

/** Why something of the kernel cannot be used; undefined when it can. */
export type Probe = (run: Execute) => Promise<string | undefined>;

async function reasonOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof ExecuteError && error.stderr.trim() !== ""
      ? (error.stderr.trim().split("\n")[0] ?? "")
      : String(error);
  }
}

/** In a network namespace that ends with the program, so that nothing of it can stay. */
const inNewNetwork = (run: Execute, ...command: readonly string[]): Promise<unknown> =>
  run("unshare", ["--net", "--", ...command]);

export const probeLinks: Probe = async (run) =>
  (await reasonOf(inNewNetwork(run, "ip", "link", "add", "probe0", "type", "bridge"))) ??
  reasonOf(inNewNetwork(run, "ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"));

export const probeNetfilter: Probe = async (run) => {
  const rule = ["--wait", "-t", "nat", "-A", "POSTROUTING", "-m", "comment", "--comment", "probe", "-j", "MASQUERADE"];
  return (
    (await reasonOf(inNewNetwork(run, "iptables", ...rule))) ??
    reasonOf(inNewNetwork(run, "ip6tables", "--wait", "-t", "filter", "-N", "PROBE"))
  );
};

export const probeOverlay: Probe = async (run) => {
  const folder = await mkdtemp(join(HOSTS_FOLDER, "voiyd-probe-"));
  try {
    for (const name of ["lower", "upper", "work", "merged"]) await mkdir(join(folder, name));
    const layers = `lowerdir=${join(folder, "lower")},upperdir=${join(folder, "upper")},workdir=${join(folder, "work")}`;
    return await reasonOf(
      run("unshare", ["--mount", "--", "mount", "-t", "overlay", "-o", layers, "probe", join(folder, "merged")]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const probeCgroups: Probe = async () => {
  const roots = await listCgroupRoots();
  const needed =
    roots.find((root) => root.controllers.split(",").includes("memory")) ?? roots.find((root) => root.version === 2);
  if (needed === undefined) return "no cgroup hierarchy is mounted in /sys/fs/cgroup";
  const folder = join(needed.path, `voiyd-probe-${process.pid}`);
  return reasonOf(mkdir(folder).then(() => rmdir(folder)));
};
