import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { isJsonObject } from "../protocol/json.js";
import { decodeRecord } from "../record/decode-record.js";
import { HostSandbox, hostTestObstacle, type Answer, type Step } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: kill -9: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

/** How many processes are killed; `VOIYD_CNI_KILLS` makes it more. */
const KILLS = Number(process.env["VOIYD_CNI_KILLS"] ?? "6");
jest.setTimeout(60_000 + KILLS * 10_000);

describeHost.each(["plugins", "lean"] as const)("kill -9 in mode %s", (mode) => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox({}, mode);
  });
  afterEach(() => host.remove());

  /** The random moment, each in its part of the whole time, is what the test is about; nothing is expected of how far the process has come by then. */
  async function killSomewhere(containerId: string, afterMs: number): Promise<void> {
    const worker = host.start(steps(containerId));
    await once(worker.stdout, "data");
    const ended = once(worker, "exit");
    await delay(afterMs);
    worker.kill("SIGKILL");
    await ended;
  }

  const steps = (containerId: string): readonly Step[] => [
    ["prepare", containerId],
    [
      "attach",
      {
        containerId,
        portMappings: [
          { hostPort: 8080, containerPort: 80 },
          { hostPort: 8053, containerPort: 53, protocol: "udp" },
        ],
      },
    ],
    ["detach", containerId],
  ];

  /** How long all of it takes here and now, so that no moment of it is left out. */
  async function wholeTime(): Promise<number> {
    const worker = host.start(steps("voiyd-whole"));
    await once(worker.stdout, "data");
    const began = performance.now();
    await once(worker, "exit");
    return performance.now() - began;
  }

  /** How far it had come, as its record says. */
  function phaseOf(containerId: string): string {
    const file = host.path("cache", "results", `voiyd-${containerId}-eth0`);
    return existsSync(file)
      ? (decodeRecord(readFileSync(file, "utf8"))?.state?.phase ?? "unreadable")
      : "without a record";
  }

  test(`at ${String(KILLS)} random moments: recover leaves nothing, or a whole attachment`, async () => {
    const counts = { kills: 0, undone: 0, adopted: 0, nothingToDo: 0, leftovers: 0 };
    const phases = new Map<string, number>();
    await wholeTime();
    const withinMs = await wholeTime();
    for (let round = 0; round < KILLS; round += 1) {
      const afterMs = ((round + Math.random()) / KILLS) * withinMs;
      const containerId = `voiyd-${String(round)}`;
      await killSomewhere(containerId, afterMs);
      phases.set(phaseOf(containerId), (phases.get(phaseOf(containerId)) ?? 0) + 1);
      const [first] = await host.run([["recover", {}]]);
      const { undone, adopted, lost, failed } = reportOf(first);
      // Killed between attach and detach it is attached, which is no less right than nothing; and it works.
      const whole = adopted.includes(containerId);
      const [checked, detached] = whole
        ? await host.run([
            ["check", containerId],
            ["detach", containerId],
          ])
        : [{ value: null }, { value: null }];
      const left = host.inventory();
      counts.kills += 1;
      counts.undone += undone.length;
      counts.adopted += adopted.length;
      counts.nothingToDo += undone.length + adopted.length === 0 ? 1 : 0;
      counts.leftovers += left.length;
      expect({ round, afterMs, lost, failed, checked, detached, left }).toEqual({
        round,
        afterMs,
        lost: [],
        failed: [],
        checked: { value: null },
        detached: { value: null },
        left: [],
      });
    }
    const { kills, undone, adopted, nothingToDo, leftovers } = counts;
    process.stderr.write(
      `kill -9, mode ${mode}: ${String(kills)} kills; ${String(undone)} undone, ${String(adopted)} whole, ` +
        `${String(nothingToDo)} with nothing to do; ${String(leftovers)} leftovers ` +
        `(killed ${Array.from(phases, ([phase, count]) => `${phase} ${String(count)}`).join(", ")})\n`,
    );
    expect(kills).toBe(KILLS);
    expect(host.duplicateRules()).toEqual([]);
  });

  test(`at ${String(Math.ceil(KILLS / 2))} random moments: detach alone removes everything`, async () => {
    const withinMs = await wholeTime();
    for (let round = 0; round < KILLS / 2; round += 1) {
      const afterMs = ((round + Math.random()) / (KILLS / 2)) * withinMs;
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
    const withinMs = await wholeTime();
    for (let round = 0; round < 3; round += 1)
      await killSomewhere(`voiyd-${String(round)}`, (withinMs / 7) * (1 + round));
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

/** What `recover` said. */
function reportOf(answer: Answer | undefined): Record<"undone" | "adopted" | "lost" | "failed", readonly unknown[]> {
  const report = isJsonObject(answer?.value) ? answer.value : {};
  const listAt = (key: string): readonly unknown[] => {
    const value: unknown = report[key];
    return Array.isArray(value) ? value : [`no ${key} in ${JSON.stringify(answer)}`];
  };
  return { undone: listAt("undone"), adopted: listAt("adopted"), lost: listAt("lost"), failed: listAt("failed") };
}
