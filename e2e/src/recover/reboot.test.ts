import { expect } from "@jest/globals";
import { checkInvariants, reboot, takeInventory } from "@voiyd/harness";
import type { ContainerRequest } from "@voiyd/runtime-api";
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
});
