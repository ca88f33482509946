import { describe, expect, test } from "@jest/globals";
import type { ContainerStatus, RestartPolicy, Supervision } from "@voiyd/runtime-api";
import { createMemoryRuntime, type MemoryRuntime } from "./memory-runtime.js";
import type { Program } from "./program.js";
import { VirtualClock } from "./virtual-clock.js";

const START = Date.parse("2030-01-01T00:00:00Z");

type Life = readonly [ranMs: number, exitCode: number];

const repeat = (times: number, ranMs: number, exitCode: number): Life[] =>
  Array.from({ length: times }, () => [ranMs, exitCode]);

interface Host {
  readonly clock: VirtualClock;
  readonly runtime: MemoryRuntime;
  /** Runs a container that has these lives; one more goes on for ever. */
  run(policy: RestartPolicy, lives: readonly Life[]): Promise<void>;
  status(): Promise<ContainerStatus>;
  /** The time between each end and the start after it. */
  backOffs(): Promise<number[]>;
}

async function host(): Promise<Host> {
  const clock = new VirtualClock(START);
  const left: Life[] = [];
  const live: Program = async ({ gone, clock: time }) => {
    const [ranMs, exitCode] = left.shift() ?? [Infinity, 0];
    await time.sleep(ranMs, gone);
    return exitCode;
  };
  const runtime = createMemoryRuntime({ clock, programs: { live } });
  await runtime.pullImage("busybox");
  return {
    clock,
    runtime,
    async run(restartPolicy, lives) {
      left.push(...lives);
      await runtime.run({ meta: { name: "box" }, config: { image: "busybox", args: ["live"], restartPolicy } });
    },
    status: async () => (await runtime.get("box")).status,
    async backOffs() {
      const gaps: number[] = [];
      let died: Date | undefined;
      const past = runtime.events({ since: new Date(0), until: new Date(clock.now().getTime() + 1) });
      const over = clock.until(() => Promise.resolve(false));
      for await (const { action, time } of past) {
        if (action === "die") died = time;
        if (action === "start" && died !== undefined) gaps.push(time.getTime() - died.getTime());
      }
      await over;
      return gaps;
    },
  };
}

/** Whether its last life goes on for ever, or has ended for good. */
function atRest({ status }: Host): () => Promise<boolean> {
  return async () => {
    const { phase, restartAt, restartCount = 0 } = await status();
    return phase === "exited" && restartAt === undefined && restartCount > 0;
  };
}

async function supervised(runtime: MemoryRuntime): Promise<Supervision> {
  const supervision = runtime.supervise();
  await supervision.active;
  return supervision;
}

describe("restart policies, by Docker's rules", () => {
  test.each<[string, RestartPolicy, readonly Life[], number[]]>([
    [
      "the back-off doubles from 100 ms to a minute",
      { name: "always" },
      repeat(13, 5, 1),
      [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000],
    ],
    ["also after a success", { name: "unless-stopped" }, repeat(3, 9_999, 0), [100, 200, 400]],
    [
      "and begins anew after ten seconds of life",
      { name: "always" },
      [...repeat(3, 5, 1), [10_000, 1], [5, 1]],
      [100, 200, 400, 100, 200],
    ],
    ["on failure, a success is the end", { name: "on-failure" }, [...repeat(2, 5, 1), [5, 0], [5, 1]], [100, 200]],
    ["on failure, with a limit", { name: "on-failure", maxRetries: 3 }, repeat(9, 5, 1), [100, 200, 400]],
    ["no is never", { name: "no" }, repeat(3, 5, 1), []],
  ])("%s", async (_what, policy, lives, delays) => {
    const box = await host();
    await using supervision = await supervised(box.runtime);
    await box.run(policy, lives);
    await box.clock.until(atRest(box));
    expect(await box.backOffs()).toEqual(delays);
    expect((await box.status()).restartCount ?? 0).toBe(delays.length);
    await supervision[Symbol.asyncDispose]();
    await box.runtime[Symbol.asyncDispose]();
  });

  test.each(["stop", "kill"] as const)("a %s of its owner's holds, in the back-off too", async (end) => {
    const box = await host();
    await using supervision = await supervised(box.runtime);
    await box.run({ name: "always" }, repeat(3, 5, 1));
    await box.clock.until(async () => (await box.status()).restartAt !== undefined);
    await box.runtime[end]("box");
    await box.clock.until(() => Promise.resolve(false));
    expect(await box.status()).toMatchObject({ phase: "exited", exitCode: 1, restartCount: 1 });
    expect((await box.status()).restartAt).toBeUndefined();
    await supervision[Symbol.asyncDispose]();
    await box.runtime[Symbol.asyncDispose]();
  });

  test("one supervisor is in charge; the next one takes over with what was decided", async () => {
    const box = await host();
    const first = await supervised(box.runtime);
    const second = box.runtime.supervise();
    await box.runtime.supervise({ until: "idle" }).ended;
    await box.run({ name: "on-failure", maxRetries: 2 }, repeat(3, 5, 7));
    await box.clock.until(async () => (await box.status()).restartAt !== undefined);
    await first[Symbol.asyncDispose]();
    await second.active;
    await box.clock.until(atRest(box));
    expect(await box.status()).toMatchObject({ phase: "exited", exitCode: 7, restartCount: 2 });
    expect(await box.backOffs()).toEqual([100, 200]);
    await second[Symbol.asyncDispose]();
    await box.runtime[Symbol.asyncDispose]();
  });
});
