import { expect } from "@jest/globals";
import { checkInvariants, reboot, takeInventory } from "@voiyd/harness";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { untilTrue } from "../life/box.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

function request(stage: Stage, name: string, hostPort: number): ContainerRequest {
  return {
    meta: { name },
    config: { image: stage.busybox, args: ["sleep", "1000"], portMappings: [{ hostPort, containerPort: 80 }] },
  };
}

await describeOnHost("after a reboot", (test) => {
  test("recover brings back a consistent host, and the containers start again as they were", async (stage) => {
    {
      await using before = stage.open();
      await before.runtime.run(request(stage, "one", 18_081));
      await before.runtime.run(request(stage, "two", 18_082));
      await before.runtime.create(request(stage, "idle", 18_083));
    }
    stage.main.client.close();
    await reboot(stage.host);
    await stage.main.client.waitUntilReady();

    await using after = stage.open();
    const { runtime } = after;
    const report = await runtime.recover();
    expect(report.failed).toEqual([]);
    expect(report.found.filter(({ kind }) => kind === "network")).toHaveLength(2);
    expect((await runtime.recover()).found).toEqual([]);
    expect((await runtime.list()).map(({ meta, status }) => [meta.name, status.phase]).sort()).toEqual([
      ["idle", "created"],
      ["one", "exited"],
      ["two", "exited"],
    ]);
    for (const name of ["one", "two", "idle"]) await runtime.start(name);
    const containers = await runtime.list();
    expect(containers.map(({ status }) => status.phase)).toEqual(["running", "running", "running"]);
    expect(containers.flatMap(({ status }) => (status.ports ?? []).map((port) => port.hostPort)).sort()).toEqual([
      18_081, 18_082, 18_083,
    ]);
    expect(new Set(containers.map(({ status }) => status.ip)).size).toBe(3);
    expect(checkInvariants(await takeInventory(stage.host))).toEqual([]);
    for (const name of ["one", "two", "idle"]) await runtime.delete(name);
  });

  test("a supervisor has what is to be started again run as before, and leaves alone what its owner had ended", async (stage) => {
    const { host } = stage;
    {
      await using before = stage.open();
      const { runtime, network } = before;
      await network.createNetwork({ name: "back" });
      const always = { restartPolicy: { name: "always" } } as const;
      await runtime.run(withPolicy(request(stage, "kept", 18_084), always));
      const unlessStopped = { restartPolicy: { name: "unless-stopped" } } as const;
      await runtime.run(withPolicy(request(stage, "linked", 18_085), { ...unlessStopped, network: "back" }));
      await runtime.run(withPolicy(request(stage, "ended", 18_086), unlessStopped));
      await runtime.stop("ended", { timeoutMs: 0 });
      await runtime.run(request(stage, "plain", 18_087));
    }
    stage.main.client.close();
    await reboot(host);
    await stage.main.client.waitUntilReady();

    await using after = stage.open();
    const { runtime, network } = after;
    expect((await runtime.recover()).failed).toEqual([]);
    {
      await using supervision = runtime.supervise();
      await supervision.active;
      await untilTrue(async () => {
        const phases = await Promise.all(
          ["kept", "linked"].map(async (name) => (await runtime.get(name)).status.phase),
        );
        return phases.every((phase) => phase === "running");
      });
    }
    const states = (await runtime.list()).map(({ meta, status }) => [meta.name, status.phase]);
    expect(states.sort()).toEqual([
      ["ended", "exited"],
      ["kept", "running"],
      ["linked", "running"],
      ["plain", "exited"],
    ]);
    const [kept, linked] = [await runtime.get("kept"), await runtime.get("linked")];
    expect([kept, linked].map(({ status }) => status.ports?.map((port) => port.hostPort))).toEqual([
      [18_084],
      [18_085],
    ]);
    expect((await network.inspectNetwork("back")).containers).toEqual([`voiyd-${linked.status.id}`]);
    expect((await runtime.recover()).found).toEqual([]);
    expect(checkInvariants(await takeInventory(host))).toEqual([]);
    // The daemon's own folder for a task that it has lost goes with the next task, or when the daemon starts again.
    await runtime.start("plain");
    for (const name of ["kept", "linked", "ended", "plain"]) await runtime.delete(name);
    await network.removeNetwork("back");
  });
});

function withPolicy(one: ContainerRequest, config: Partial<ContainerRequest["config"]>): ContainerRequest {
  return { ...one, config: { ...one.config, ...config } };
}
