import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: kill -9: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

/** How many processes are killed; `VOIYD_CNI_KILLS` makes it more. */
const KILLS = Number(process.env["VOIYD_CNI_KILLS"] ?? "15");
/** About as long as prepare, attach and detach take together. */
const WITHIN_MS = process.env["VOIYD_CNI_KILL_WITHIN_MS"];
const TAKES_MS = { plugins: 700, lean: 300 } as const;

jest.setTimeout(60_000 + KILLS * 10_000);

describeHost.each(["plugins", "lean"] as const)("kill -9 in mode %s", (mode) => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox({}, mode);
  });
  afterEach(() => host.remove());

  /** The random moment is what the test is about; nothing is expected of how far the process has come by then. */
  async function killSomewhere(containerId: string, afterMs: number): Promise<void> {
    const attach = { containerId, portMappings: [{ hostPort: 8080, containerPort: 80 }] };
    const worker = host.start([
      ["prepare", containerId],
      ["attach", attach],
      ["detach", containerId],
    ]);
    await once(worker.stdout, "data");
    const ended = once(worker, "exit");
    await delay(afterMs);
    worker.kill("SIGKILL");
    await ended;
  }

  test(`at ${String(KILLS)} random moments: detach removes everything`, async () => {
    for (let round = 0; round < KILLS; round += 1) {
      const afterMs = Math.random() * Number(WITHIN_MS ?? TAKES_MS[mode]);
      const containerId = `voiyd-${String(round)}`;
      await killSomewhere(containerId, afterMs);
      const [detached] = await host.run([["detach", containerId]]);
      expect({ round, afterMs, detached, left: host.inventory() }).toEqual({
        round,
        afterMs,
        detached: { value: null },
        left: [],
      });
    }
  });

  test("recover undoes what was killed, twice as well as once", async () => {
    await host.run([["attach", { containerId: "voiyd-well" }]]);
    for (let round = 0; round < 3; round += 1)
      await killSomewhere(`voiyd-${String(round)}`, (TAKES_MS[mode] / 7) * (1 + round));
    const [first, second] = await host.run([
      ["recover", {}],
      ["recover", {}],
    ]);
    expect(first?.value).toMatchObject({ adopted: ["voiyd-well"], failed: [], lost: [] });
    expect(second?.value).toEqual({ undone: [], adopted: ["voiyd-well"], failed: [], lost: [] });
    await host.run([["detach", "voiyd-well"]]);
    expect(host.inventory()).toEqual([]);
  });
});
