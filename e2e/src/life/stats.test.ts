import { readFile } from "node:fs/promises";
import { expect } from "@jest/globals";
import type { ContainerStats } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { output, start } from "../cli/voiyd.js";
import { describeOnHost } from "../fixture/on-host.js";
import { withoutBox } from "./box.js";

const MIB = 1024 * 1024;

await describeOnHost("stats", (hostTest) => {
  const test = withoutBox(hostTest);

  test("say what the kernel counts: CPU, memory, processes, network", async (stage) => {
    const { runtime } = stage.main;
    const busy = "dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2>/dev/null; sleep 1000 & while :; do :; done";
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", busy], resources: { memory: 64 * MIB, cpus: 0.5 } },
    });
    await runtime.run({
      meta: { name: "crate" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    await using sent = await runtime.exec("box", {
      args: ["sh", "-c", "ping -c 3 -s 1000 $(ip route | awk '/default/{print $3}')"],
    });
    await sent.exited;
    const stats = await once(runtime);
    expect(stats.map(({ name }) => name).sort()).toEqual(["box", "crate"]);
    const box = stats.find(({ name }) => name === "box");
    const crate = stats.find(({ name }) => name === "crate");
    if (box === undefined || crate === undefined) throw new Error("both run");
    expect(box.cpuPercent).toBeGreaterThan(5);
    expect(box.cpuPercent).toBeLessThan(100);
    expect(crate.cpuPercent).toBeLessThan(box.cpuPercent);
    expect(box.memoryUsage).toBeGreaterThan(20 * MIB);
    expect(box.memoryLimit).toBe(64 * MIB);
    expect(crate.memoryLimit).toBe(stageMemory(await readFile("/proc/meminfo", "utf8")));
    expect([box.pids, crate.pids]).toEqual([2, 1]);
    expect(box.network?.sentBytes).toBeGreaterThan(3_000);
    expect(box.network?.receivedBytes).toBeGreaterThan(3_000);
    expect(crate.network).toEqual({ receivedBytes: 0, sentBytes: 0 });
  });

  test("the command shows them once, or again and again until it is interrupted", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    await runtime.create({
      meta: { name: "crate" },
      config: { image: stage.busybox, args: ["true"], network: "none" },
    });
    expect(await output(stage, "stats", "--no-stream")).toMatch(/^CONTAINER ID .*\n\w{12} +box +\d+\.\d\d% .*\n$/);
    expect(await output(stage, "stats", "--no-stream", "-a", "--format", "json")).toMatch(
      /"Name":"box"[^]*"Name":"crate"/,
    );
    const running = start(stage, ["stats", "box"]);
    await running.saw("box");
    running.signal("SIGINT");
    expect((await running.result).code).toBe(130);
  });
});

async function once(runtime: ContainerdRuntime): Promise<readonly ContainerStats[]> {
  for await (const stats of runtime.stats({ intervalMs: 1_000 })) return stats;
  throw new Error("stats go on for ever");
}

function stageMemory(meminfo: string): number {
  return Number(/^MemTotal: +(\d+) kB$/m.exec(meminfo)?.[1]) * 1024;
}
