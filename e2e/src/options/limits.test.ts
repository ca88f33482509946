import { existsSync, statfsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const CGROUPS = "/sys/fs/cgroup";
const CGROUP2_SUPER_MAGIC = 0x63677270;
const IS_V2 = statfsSync(CGROUPS).type === CGROUP2_SUPER_MAGIC;
const MIB = 1024 * 1024;

/** Says on which hosts the other half of a test runs. */
function otherHalf(what: string, needs: string): void {
  process.stderr.write(`skipped in part: ${what}, because this host has no ${needs}; that it is refused is tested\n`);
}

/** A file of a running container's control group, of whichever hierarchy has it. */
async function groupFile(pid: number, controller: string, file: string): Promise<string> {
  for (const line of (await readFile(`/proc/${String(pid)}/cgroup`, "utf8")).trim().split("\n")) {
    const [, controllers = "", path = ""] = line.split(":");
    const isWanted = controllers === "" ? IS_V2 : controllers.split(",").includes(controller);
    if (isWanted) return readFile(join(IS_V2 ? CGROUPS : join(CGROUPS, controller), path, file), "utf8");
  }
  throw new Error(`process ${String(pid)} has no control group of ${controller}`);
}

async function whileItRuns<T>(
  stage: Stage,
  config: Partial<ContainerConfig>,
  look: (pid: number) => Promise<T>,
): Promise<T> {
  const { runtime } = stage.main;
  const { status } = await runtime.run({
    meta: { name: "limited" },
    config: { image: stage.busybox, network: "none", args: ["sleep", "1000"], ...config },
  });
  try {
    return await look(status.pid ?? 0);
  } finally {
    await runtime.delete("limited");
  }
}

async function refused(stage: Stage, config: Partial<ContainerConfig>): Promise<{ code: string; message: string }> {
  const outcome = await refusal(
    stage.main.runtime.run({ meta: { name: "no" }, config: { image: stage.busybox, network: "none", ...config } }),
  );
  expect(await stage.main.runtime.list()).toEqual([]);
  return outcome;
}

await describeOnHost("limits that not every host can set", (test) => {
  test("of huge pages", async (stage) => {
    const { pageSize, files } = await hugePages();
    const resources = { hugePages: [{ pageSize, limit: 4 * MIB }] };
    if (files === undefined) {
      otherHalf("huge pages", "control groups for them");
      expect(await refused(stage, { resources })).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("resources.hugePages"),
      });
      return;
    }
    expect(await whileItRuns(stage, { resources }, (pid) => groupFile(pid, "hugetlb", files))).toBe(
      `${String(4 * MIB)}\n`,
    );
    const unknown = { hugePages: [{ pageSize: "3MB", limit: MIB }] };
    expect(await refused(stage, { resources: unknown })).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("of block devices", async (stage) => {
    const [disk] = (await readdir("/sys/block")).filter(
      (name) => !/^(?:loop|ram|zram)/.test(name) && existsSync(join("/dev", name)),
    );
    if (disk === undefined) {
      process.stderr.write("skipped: limits of block devices, because this host has none but loops\n");
      return;
    }
    const path = join("/dev", disk);
    const resources = { blockIO: { readBps: [{ path, rate: MIB }], writeIops: [{ path, rate: 100 }] } };
    const numbers = (await readFile(join("/sys/block", disk, "dev"), "utf8")).trim();
    const limits = await whileItRuns(stage, { resources }, (pid) =>
      IS_V2
        ? groupFile(pid, "io", "io.max")
        : Promise.all(
            ["blkio.throttle.read_bps_device", "blkio.throttle.write_iops_device"].map((file) =>
              groupFile(pid, "blkio", file),
            ),
          ).then((texts) => texts.join("")),
    );
    expect(limits).toBe(
      IS_V2
        ? `${numbers} rbps=${String(MIB)} wbps=max riops=max wiops=100\n`
        : `${numbers} ${String(MIB)}\n${numbers} 100\n`,
    );
  });

  test("of raw files of control groups v2", async (stage) => {
    const resources = { unified: { "memory.high": String(64 * MIB) } };
    if (IS_V2) {
      expect(await whileItRuns(stage, { resources }, (pid) => groupFile(pid, "memory", "memory.high"))).toBe(
        `${String(64 * MIB)}\n`,
      );
      return;
    }
    otherHalf("files of control groups", "control groups v2");
    expect(await refused(stage, { resources })).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

await describeOnHost("walls that not every host has", (test) => {
  test("AppArmor: a profile of the host's, or an error", async (stage) => {
    const file = "/sys/module/apparmor/parameters/enabled";
    if (existsSync(file) && (await readFile(file, "utf8")).startsWith("Y")) {
      const confined = await whileItRuns(stage, {}, (pid) => readFile(`/proc/${String(pid)}/attr/current`, "utf8"));
      expect(confined.trim()).toBe("voiyd-default (enforce)");
    } else otherHalf("AppArmor", "AppArmor");
    expect(await refused(stage, { apparmor: "voiyd-nobody-has-loaded-this" })).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("apparmor"),
    });
  });

  test("SELinux: a label of the container's own, or an error", async (stage) => {
    const selinux = { level: "s0:c1,c2" };
    if (existsSync("/sys/fs/selinux/enforce")) {
      const label = await whileItRuns(stage, { selinux }, (pid) =>
        readFile(`/proc/${String(pid)}/attr/current`, "utf8"),
      );
      expect(label).toContain("s0:c1,c2");
      return;
    }
    otherHalf("SELinux", "SELinux policy");
    expect(await refused(stage, { selinux })).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("selinux"),
    });
  });
});

/** A size of huge pages and the file that limits them, where control groups have one. */
async function hugePages(): Promise<{ readonly pageSize: string; readonly files: string | undefined }> {
  if (IS_V2) {
    const controllers = (await readFile(join(CGROUPS, "cgroup.controllers"), "utf8")).split(/\s+/);
    return { pageSize: "2MB", files: controllers.includes("hugetlb") ? "hugetlb.2MB.max" : undefined };
  }
  const file = "hugetlb.2MB.limit_in_bytes";
  return { pageSize: "2MB", files: existsSync(join(CGROUPS, "hugetlb", file)) ? file : undefined };
}
