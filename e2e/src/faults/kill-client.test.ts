import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { settledDifference, takeInventory } from "@voiyd/harness";
import type { ContainerRequest } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { Victim } from "./victim.js";

/** The short form of it. For a longer one: VOIYD_KILLS=200. */
const KILLS = Number(process.env["VOIYD_KILLS"] ?? "20");
/** A delete has fewer steps. */
const DELETE_KILLS = Math.ceil(KILLS / 4);

function request(stage: Stage, hostPort: number): ContainerRequest {
  return {
    meta: { name: "victim" },
    config: { image: stage.busybox, args: ["sleep", "1000"], portMappings: [{ hostPort, containerPort: 80 }] },
  };
}

/** How long the operation takes here and now, in milliseconds. */
async function measure(stage: Stage, operation: "run" | "delete", what: ContainerRequest): Promise<number> {
  const victim = new Victim(stage.host, operation, what);
  await victim.saw("begin");
  const started = performance.now();
  await victim.saw("done");
  const took = performance.now() - started;
  await victim.kill();
  return took;
}

await describeOnHost("a client that is killed", (test) => {
  test(
    `F6: leaves nothing after a delete by name, whenever in run it dies (${KILLS} times)`,
    async (stage) => {
      const { runtime } = stage.main;
      const before = await takeInventory(stage.host);
      const span = (await measure(stage, "run", request(stage, 0))) * 1.2;
      await runtime.delete("victim");
      let interrupted = 0;
      for (let round = 0; round < KILLS; round++) {
        // Spread over the whole operation, and at random within each part of it.
        const moment = ((round + Math.random()) * span) / KILLS;
        const victim = new Victim(stage.host, "run", request(stage, 0));
        await victim.saw("begin");
        await sleep(moment);
        await victim.kill();
        if (!victim.has("done")) interrupted++;
        await runtime.delete("victim");
        const left = await settledDifference(stage.host, before);
        expect({ round, moment, left }).toEqual({ round, moment, left: [] });
      }
      expect(await readdir(`${stage.host.netnsDir}-makers`)).toEqual([]);
      // Otherwise the kills came too late, and nothing has been shown.
      expect(interrupted).toBeGreaterThan(KILLS / 4);
    },
    { timeoutMs: 30_000 + KILLS * 15_000 },
  );

  test(
    `leaves nothing after a second delete, whenever in the first one it dies (${DELETE_KILLS} times)`,
    async (stage) => {
      const { runtime } = stage.main;
      const before = await takeInventory(stage.host);
      await runtime.run(request(stage, 0));
      const span = (await measure(stage, "delete", request(stage, 0))) * 1.2;
      for (let round = 0; round < DELETE_KILLS; round++) {
        await runtime.run(request(stage, 0));
        const moment = ((round + Math.random()) * span) / DELETE_KILLS;
        const victim = new Victim(stage.host, "delete", request(stage, 0));
        await victim.saw("begin");
        await sleep(moment);
        await victim.kill();
        await runtime.delete("victim");
        const left = await settledDifference(stage.host, before);
        expect({ round, moment, left }).toEqual({ round, moment, left: [] });
      }
    },
    { timeoutMs: 30_000 + KILLS * 15_000 },
  );

  test("that died between name and record does not keep the name", async (stage) => {
    const { client, runtime } = stage.main;
    // What a process leaves that dies right after it has reserved the name; there is no process 1:0.
    await client.leases.create({
      id: "voiyd/name/orphan",
      labels: { "voiyd.io/name": "orphan", "voiyd.io/id": "f".repeat(64), "voiyd.io/instance": "1:0:another-boot" },
    });
    await runtime.run({ meta: { name: "orphan" }, config: { image: stage.busybox, args: ["true"], network: "none" } });
    await runtime.delete("orphan");
  });
});
