import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { runToEnd } from "../security/probe.js";

await describeOnHost("how a container is run", (test) => {
  test("with an init process: the command is its child", async (stage) => {
    expect(
      await runToEnd(stage, {
        init: true,
        entrypoint: ["sh", "-c", "echo $$; tr '\\0' ' ' < /proc/1/cmdline | cut -d' ' -f 1"],
      }),
    ).toMatch(/^[2-9]\d*\n\/sbin\/voiyd-init\n$/);
  });

  test("by an OCI runtime that the runtime was given, and by none that is not installed", async (stage) => {
    const folder = await mkdtemp(join(stage.directory, "runtime-"));
    const binary = join(folder, "traced-runc");
    await writeFile(binary, `#!/bin/sh\necho used >> ${folder}/used\nexec runc "$@"\n`);
    await chmod(binary, 0o755);
    const stack = stage.open({ runtimes: { traced: { shim: "io.containerd.runc.v2", binary } } });
    try {
      const config = { image: stage.busybox, network: "none", args: ["true"] };
      await stack.runtime.run({ meta: { name: "traced" }, config: { ...config, runtime: "traced" } });
      expect((await stack.runtime.wait("traced")).exitCode).toBe(0);
      await stack.runtime.delete("traced");
      expect(await readFile(join(folder, "used"), "utf8")).toContain("used");
      const error = await refusal(stack.runtime.run({ meta: { name: "no" }, config: { ...config, runtime: "runsc" } }));
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(await stack.runtime.list()).toEqual([]);
    } finally {
      await stack[Symbol.asyncDispose]();
    }
  });

  test("by crun, when it is asked for by name", async (stage) => {
    const crun = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "crun")));
    const config = {
      runtime: "crun",
      entrypoint: ["sh", "-c", "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status; id -u"],
    };
    if (!crun) {
      process.stderr.write("by crun: not on this host, so it is refused before anything is made\n");
      expect(await refusal(runToEnd(stage, config))).toMatchObject({ code: "INVALID_ARGUMENT" });
      return;
    }
    if (existsSync("/sys/fs/cgroup/unified")) {
      process.stderr.write(
        "by crun: it refuses hosts with both versions of control groups, as this one, and says so\n",
      );
      const error = await refusal(runToEnd(stage, config));
      expect(error.message).toContain("hybrid mode");
      return;
    }
    expect(await runToEnd(stage, { ...config, user: "app" })).toBe("NoNewPrivs:\t1\nSeccomp:\t2\n1000\n");
  });

  test("under a parent of its control group, which is emptied with it", async (stage) => {
    const parent = `voiyd-test-${String(process.pid)}`;
    try {
      const output = await runToEnd(stage, { cgroupParent: `/${parent}`, entrypoint: ["cat", "/proc/self/cgroup"] });
      expect(output).toMatch(new RegExp(`:/${parent}/[0-9a-f]{64}$`, "m"));
    } finally {
      // The parent is the user's. That it can be removed says that nothing of the container is left in it.
      for (const root of [
        "/sys/fs/cgroup",
        ...(await readdir("/sys/fs/cgroup")).map((name) => join("/sys/fs/cgroup", name)),
      ]) {
        if (existsSync(join(root, parent))) await rmdir(join(root, parent));
      }
    }
  });

  test("with limits that the process finds", async (stage) => {
    const output = await runToEnd(stage, {
      resources: { memory: 64 * 1024 * 1024, pids: 33, cpus: 0.5, cpuShares: 512, cpusetCpus: "0" },
      entrypoint: [
        "sh",
        "-c",
        "cd /sys/fs/cgroup; cat pids/pids.max pids.max memory/memory.limit_in_bytes memory.max cpu/cpu.cfs_quota_us cpu.max cpu/cpu.shares cpuset/cpuset.cpus cpuset.cpus 2>/dev/null; true",
      ],
    });
    const [pids, memory, quota, ...rest] = output.trim().split("\n");
    expect([pids, memory]).toEqual(["33", "67108864"]);
    expect(quota).toMatch(/^50000( 100000)?$/);
    expect(rest.at(-1)).toBe("0");
  });

  test("what the host cannot give is refused first, naming option, value and what is allowed", async (stage) => {
    const { runtime } = stage.main;
    for (const [option, part] of [
      ["devices[0].path", { devices: [{ path: "/dev/does-not-exist" }] }],
      ["devices", { devices: [{ cdi: "example.com/thing=none" }] }],
      ["resources.cpus", { resources: { cpus: 100_000 } }],
      ["ulimits[0].hard", { ulimits: [{ name: "nofile", soft: 1, hard: -1 }] }],
      ["seccomp", { seccomp: { profile: "{" } }],
      ["apparmor", { apparmor: "no-such-profile" }],
      ["runtime", { runtime: "nothing-of-the-kind" }],
      ["resources.blockIO", { resources: { blockIO: { readBps: [{ path: "/dev/null", rate: 1 }] } } }],
    ] as const) {
      const error = await refusal(runtime.run({ meta: { name: "no" }, config: { image: stage.busybox, ...part } }));
      expect(error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(option.split("[")[0] ?? ""),
        hint: expect.any(String),
      });
    }
    expect(await runtime.list()).toEqual([]);
  });
});
