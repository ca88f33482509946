import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import { outputOf, refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { untilTrue, withoutBox } from "./box.js";

const MIB = 1024 * 1024;

await describeOnHost("verbs of a container's life", (hostTest) => {
  const test = withoutBox(hostTest);

  test("create makes it whole without a process, start gives it one, again and again on the same files", async (stage) => {
    const { runtime } = stage.main;
    const script =
      "echo life $(cat /count 2>/dev/null | wc -l); echo x >> /count; ip -4 addr show eth0 | grep inet; exit 3";
    const created = await runtime.create({
      meta: { name: "box", labels: { a: "b" } },
      config: { image: stage.busybox, args: ["sh", "-c", script] },
    });
    expect(created.status).toEqual({ phase: "created", id: created.status.id });
    expect((await runtime.get("box")).status.phase).toBe("created");
    expect((await refusal(runtime.create({ meta: { name: "box" }, config: { image: stage.busybox } }))).code).toBe(
      "NAME_IN_USE",
    );
    const first = await runtime.start("box");
    expect(first.status.id).toBe(created.status.id);
    expect(first.status.ip).toMatch(/^\d/);
    expect((await runtime.wait("box")).exitCode).toBe(3);
    const second = await runtime.start("box");
    expect(second.status.startedAt?.getTime()).toBeGreaterThan(first.status.startedAt?.getTime() ?? Infinity);
    expect((await runtime.wait("box")).exitCode).toBe(3);
    const { stdout } = await outputOf(runtime, "box");
    expect(stdout).toContain("life 0\n");
    expect(stdout).toContain("life 1\n");
    expect(stdout).toContain(`inet ${second.status.ip ?? "?"}/`);
    await runtime.delete("box");
    await runtime.create({ meta: { name: "box" }, config: { image: stage.busybox } });
    await runtime.delete("box");
  });

  test("a start that fails leaves the container as it was, with its last exit", async (stage) => {
    const { runtime } = stage.main;
    await runtime.create({ meta: { name: "box" }, config: { image: stage.busybox, args: ["no-such-command"] } });
    expect((await refusal(runtime.start("box"))).code).toBe("COMMAND_NOT_FOUND");
    expect((await runtime.get("box")).status).toMatchObject({ phase: "created" });
    expect((await refusal(runtime.start("box"))).code).toBe("COMMAND_NOT_FOUND");
    await runtime.run({
      meta: { name: "crate" },
      config: { image: stage.busybox, args: ["sh", "-c", "rm /bin/sh; exit 5"] },
    });
    expect((await runtime.wait("crate")).exitCode).toBe(5);
    expect((await refusal(runtime.start("crate"))).code).toBe("COMMAND_NOT_FOUND");
    expect((await runtime.get("crate")).status).toMatchObject({ phase: "exited", exitCode: 5 });
  });

  test("start leaves what runs alone; restart stops as stop does, and wait tells of the new life", async (stage) => {
    const { runtime } = stage.main;
    const script = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done";
    const running = await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", script], network: "none" },
    });
    expect((await runtime.start("box")).status).toEqual(running.status);
    await untilTrue(async () => (await textOf((await runtime.io("box")).stdout)) === "up\n");
    const again = await runtime.restart("box");
    expect(again.status).toMatchObject({ phase: "running", id: running.status.id });
    expect(again.status.pid).not.toBe(running.status.pid);
    await untilTrue(async () => (await textOf((await runtime.io("box")).stdout)) === "up\nbye\nup\n");
    const exit = runtime.wait("box");
    await runtime.kill("box");
    expect((await exit).exitCode).toBe(137);
    expect((await runtime.restart("box")).status.phase).toBe("running");
  });

  test("pause holds every process up, resume lets them go on, exec and start say so", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    expect((await refusal(runtime.resume("box"))).code).toBe("FAILED_PRECONDITION");
    await runtime.pause("box");
    expect((await runtime.get("box")).status.phase).toBe("paused");
    expect((await refusal(runtime.pause("box"))).message).toContain("paused already");
    expect((await refusal(runtime.exec("box", { args: ["true"] }))).hint).toBe("resume it first");
    expect((await refusal(runtime.start("box"))).hint).toBe("resume it first");
    await runtime.resume("box");
    expect((await runtime.get("box")).status.phase).toBe("running");
    await runtime.pause("box");
    await runtime.stop("box", { timeoutMs: 0 });
    expect((await refusal(runtime.pause("box"))).code).toBe("FAILED_PRECONDITION");
    expect((await refusal(runtime.pause("nothing"))).code).toBe("NOT_FOUND");
  });

  test("rename: the name, its log and its reservation move; the old one is free", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", "echo one; exec sleep 1000"], network: "none" },
    });
    await untilTrue(async () => (await textOf((await runtime.io("box")).stdout)) === "one\n");
    const renamed = await runtime.rename("box", "crate");
    expect(renamed.meta).toMatchObject({ name: "crate", revision: 2 });
    expect(await textOf((await runtime.io("crate")).stdout)).toBe("one\n");
    expect((await refusal(runtime.get("box"))).code).toBe("NOT_FOUND");
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    expect((await refusal(runtime.rename("box", "crate"))).code).toBe("NAME_IN_USE");
    expect((await refusal(runtime.rename("box", "box"))).code).toBe("INVALID_ARGUMENT");
    expect((await refusal(runtime.rename("box", "../etc"))).code).toBe("INVALID_ARGUMENT");
    expect((await runtime.restart("crate", { timeoutMs: 0 })).meta.name).toBe("crate");
    await untilTrue(async () => (await textOf((await runtime.io("crate")).stdout)) === "one\none\n");
  });

  test("of many renames to one name at once one wins", async (stage) => {
    const { runtime } = stage.main;
    const names = ["r1", "r2", "r3", "r4"];
    try {
      for (const name of names) await runtime.create({ meta: { name }, config: { image: stage.busybox } });
      const outcomes = await Promise.allSettled(names.map((name) => runtime.rename(name, "crate")));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await runtime.list()).map(({ meta }) => meta.name).filter((name) => name === "crate")).toHaveLength(1);
    } finally {
      for (const name of names) await runtime.delete(name);
    }
  });

  test("update changes limits of what runs and of its next life, and labels, or nothing at all", async (stage) => {
    const { runtime } = stage.main;
    const limitOf = async (pid: number): Promise<string> => {
      const group = /^0::(.*)$|^\d+:memory:(.*)$/m.exec(await readFile(`/proc/${String(pid)}/cgroup`, "utf8"));
      const path = group?.[1] ?? group?.[2] ?? "";
      for (const file of [`/sys/fs/cgroup${path}/memory.max`, `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`]) {
        const text = await readFile(file, "utf8").catch(() => undefined);
        if (text !== undefined) return text.trim();
      }
      throw new Error("no limit is to be found");
    };
    const { status } = await runtime.run({
      meta: { name: "box", labels: { keep: "1", drop: "2", change: "3" } },
      config: {
        image: stage.busybox,
        args: ["sleep", "1000"],
        network: "none",
        resources: { memory: 64 * MIB, cpus: 1 },
      },
    });
    const changed = await runtime.update("box", {
      resources: { memory: 96 * MIB, cpuQuota: 50_000 },
      labels: { drop: null, change: "4", add: "5" },
    });
    expect(changed.meta.labels).toEqual({ keep: "1", change: "4", add: "5" });
    expect(changed.config.resources).toEqual({ memory: 96 * MIB, cpuQuota: 50_000 });
    expect(await limitOf(status.pid ?? 0)).toBe(String(96 * MIB));
    expect((await runtime.list({ labels: { add: "5" } })).map(({ meta }) => meta.name)).toEqual(["box"]);
    const again = await runtime.restart("box", { timeoutMs: 0 });
    expect(await limitOf(again.status.pid ?? 0)).toBe(String(96 * MIB));

    const refused = await refusal(runtime.update("box", { resources: { memory: 1 }, labels: { add: null } }));
    expect(refused.code).toBe("INVALID_ARGUMENT");
    expect((await refusal(runtime.update("box", { labels: { "containerd.io/restart.status": "running" } }))).code).toBe(
      "INVALID_ARGUMENT",
    );
    expect(await runtime.labels("box")).toEqual({ keep: "1", change: "4", add: "5" });
    await runtime.stop("box", { timeoutMs: 0 });
    await runtime.update("box", { resources: { memory: 128 * MIB } });
    expect(await limitOf((await runtime.start("box")).status.pid ?? 0)).toBe(String(128 * MIB));
  });

  test("top lists the processes with their arguments, and none of others", async (stage) => {
    const { runtime } = stage.main;
    const { status } = await runtime.run({
      meta: { name: "box" },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", "sleep 1234 & exec sleep 4321"],
        user: "1000",
        network: "none",
      },
    });
    await untilTrue(async () => (await runtime.top("box")).some(({ args }) => args.join(" ") === "sleep 1234"));
    const [first, second, ...more] = await runtime.top("box");
    expect(more).toEqual([]);
    expect(first).toMatchObject({ pid: status.pid, uid: 1000, command: "sleep", args: ["sleep", "4321"], terminal: 0 });
    expect(second).toMatchObject({ parentPid: status.pid, args: ["sleep", "1234"] });
    expect(Math.abs((first?.started.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
    await runtime.kill("box");
    expect((await refusal(runtime.top("box"))).code).toBe("FAILED_PRECONDITION");
  });

  test("twenty starts at once are one start", async (stage) => {
    const { runtime } = stage.main;
    await runtime.create({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    const started = await Promise.all(Array.from({ length: 20 }, () => runtime.start("box")));
    expect(new Set(started.map(({ status }) => status.pid)).size).toBe(1);
  });
});
