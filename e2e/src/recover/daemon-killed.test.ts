import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { checkInvariants, takeInventory } from "@voiyd/harness";
import { isRuntimeError } from "@voiyd/runtime-api";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage, Stack } from "../fixture/stage.js";

/** The short form of it. For a longer one: VOIYD_DAEMON_KILLS=50. */
const KILLS = Number(process.env["VOIYD_DAEMON_KILLS"] ?? "6");
const WORKERS = 3;

interface Tally {
  lives: number;
  /** Exits that nobody could tell, which is an answer. */
  unknown: number;
  /** Exits that were told wrongly, and errors that say nothing of the daemon. */
  readonly wrong: string[];
}

/** One container after the other, each with an exit code of its own, until the end. */
async function keepBusy(stage: Stage, stack: Stack, worker: number, tally: Tally, end: AbortSignal): Promise<void> {
  for (let life = 1; !end.aborted; life++) {
    const name = `busy-${String(worker)}-${String(life)}`;
    const code = (worker * 40 + life) % 100;
    const args = ["sh", "-c", `sleep 0.${String(life % 5)}; exit ${String(code)}`];
    const { runtime, client } = stack;
    try {
      await runtime.run({ meta: { name }, config: { image: stage.busybox, args, network: "none" } });
      const { exitCode } = await runtime.wait(name);
      tally.lives++;
      if (exitCode === "unknown") tally.unknown++;
      else if (exitCode !== code) tally.wrong.push(`${name}: ${String(exitCode)} in place of ${String(code)}`);
    } catch (error) {
      if (!isRuntimeError(error)) throw error;
      // What came too early or too late for the daemon says so; a container that was undone meanwhile is not there.
      if (!["UNAVAILABLE", "CLEANUP_INCOMPLETE", "NOT_FOUND", "TIMEOUT"].includes(error.code)) {
        tally.wrong.push(`${name}: ${error.code} ${error.message}`);
      }
    }
    // What cannot be removed now is removed by the recovery, or by the delete at the end.
    await client.waitUntilReady({ timeoutMs: 60_000 });
    await runtime.delete(name).catch((error: unknown) => {
      if (!isRuntimeError(error, "UNAVAILABLE", "CLEANUP_INCOMPLETE", "TIMEOUT")) throw error;
    });
  }
}

await describeOnHost("a daemon that is killed", (test) => {
  test(
    `${KILLS} times under load tells no wrong exit, and leaves no ghosts`,
    async (stage) => {
      await using stack = stage.open();
      const { runtime } = stack;
      await runtime.run({
        meta: { name: "steady" },
        config: {
          image: stage.busybox,
          args: ["sh", "-c", "trap 'exit 42' TERM; while :; do sleep 1 & wait $!; done"],
        },
      });
      // Waited for across all the restarts.
      const steady = runtime.wait("steady");
      // Should the test fail before it gets to it, what failed there is what has to be told.
      steady.catch(() => undefined);
      const tally: Tally = { lives: 0, unknown: 0, wrong: [] };
      const end = new AbortController();
      const workers = Array.from({ length: WORKERS }, (_, worker) => keepBusy(stage, stack, worker, tally, end.signal));
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(300 + Math.random() * 1200);
        await stage.host.restart("kill");
      }
      end.abort();
      await Promise.all(workers);
      await stack.client.waitUntilReady();

      const report = await runtime.recover();
      expect(report.failed).toEqual([]);
      for (const { meta } of await runtime.list()) if (meta.name !== "steady") await runtime.delete(meta.name);
      expect((await runtime.list()).map(({ meta, status }) => [meta.name, status.phase])).toEqual([
        ["steady", "running"],
      ]);
      expect(checkInvariants(await takeInventory(stage.host))).toEqual([]);
      await runtime.stop("steady");
      expect(await steady).toMatchObject({ exitCode: 42 });
      await runtime.delete("steady");
      process.stdout.write(
        `${String(KILLS)} kills, ${String(tally.lives)} exits (${String(tally.unknown)} unknown), ${String(tally.wrong.length)} wrong, mended ${String(report.done.length)}\n`,
      );
      expect(tally.wrong).toEqual([]);
      // Otherwise nothing has been shown.
      expect(tally.lives).toBeGreaterThan(0);
    },
    { timeoutMs: 120_000 + KILLS * 20_000 },
  );
});
