import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import type { Order, Outcome } from "./program/main.js";
import type { Subject } from "./program/operations.js";
import { Worker } from "./worker.js";

/** The short form of it. For a longer one: VOIYD_RACES=50. */
const ROUNDS = Number(process.env["VOIYD_RACES"] ?? "2");
const PROCESSES = 3;
const PORT = 18_977;
const LONG_ENOUGH = { timeoutMs: 60_000 + ROUNDS * 30_000 };

function subject(stage: Stage, name: string, more: Partial<Subject> = {}): Subject {
  return { name, image: stage.busybox, pulled: "", archive: "", ...more };
}

/** How each of them ended: the code of its error, or `ok`; the whole error of one that has left something behind. */
function ends(outcomes: readonly (Outcome | undefined)[]): string[] {
  return outcomes.map((outcome) => (outcome === undefined ? "died" : endOf(outcome))).sort();
}

function endOf({ error, code, leftovers }: Outcome): string {
  if (error === undefined) return "ok";
  return leftovers === undefined ? (code ?? error) : `${error}: ${leftovers}`;
}

await describeOnHost(`${String(PROCESSES)} processes at work in one namespace`, (test) => {
  const withWorkers = async (stage: Stage, body: (workers: readonly Worker[]) => Promise<void>): Promise<void> => {
    const workers: Worker[] = [];
    try {
      for (let count = 0; count < PROCESSES; count++) workers.push(await Worker.open(stage.host));
      await body(workers);
    } finally {
      for (const worker of workers) await worker[Symbol.asyncDispose]();
    }
  };
  const atOnce = (
    workers: readonly Worker[],
    order: (worker: number) => Order,
  ): Promise<readonly (Outcome | undefined)[]> =>
    Promise.all(workers.map((worker, index) => worker.obey(order(index))));
  const losers = (code: string): string[] => [...Array.from({ length: PROCESSES - 1 }, () => code), "ok"];

  test(
    "one of them gets a name, one a port; all of them may delete, and pull what is fetched once",
    async (stage) => {
      const { runtime } = stage.main;
      await withWorkers(stage, async (workers) => {
        for (let round = 0; round < ROUNDS; round++) {
          const named = await atOnce(workers, () => ({ operation: "run", subject: subject(stage, "one") }));
          expect(ends(named)).toEqual(losers("NAME_IN_USE"));
          expect((await runtime.list()).map(({ meta, status }) => [meta.name, status.phase])).toEqual([
            ["one", "running"],
          ]);
          const deleted = await atOnce(workers, () => ({
            operation: "delete",
            subject: subject(stage, "one"),
            again: true,
          }));
          expect(ends(deleted)).toEqual(Array.from({ length: PROCESSES }, () => "ok"));
          expect(await runtime.list()).toEqual([]);

          const published = await atOnce(workers, (index) => ({
            operation: "run",
            subject: subject(stage, `port-${String(index)}`, { hostPort: PORT }),
          }));
          expect(ends(published)).toEqual(losers("PORT_IN_USE"));
          const [winner, ...others] = await runtime.list();
          expect([others, winner?.status.ports?.[0]?.hostPort]).toEqual([[], PORT]);
          await runtime.delete(winner?.status.id ?? "");

          const pulled = await stage.publish(`test/raced-${String(round)}`, {
            layers: [{ files: { round: { content: `${String(round)} ${"x".repeat(100_000)}` } } }],
          });
          const before = await blobRequests(stage);
          const pulls = await atOnce(workers, () => ({
            operation: "pull",
            subject: subject(stage, "", { pulled }),
            again: true,
          }));
          expect(ends(pulls)).toEqual(Array.from({ length: PROCESSES }, () => "ok"));
          // Its configuration and its layer.
          expect((await blobRequests(stage)) - before).toBe(2);
          await runtime.removeImage(pulled);
        }
      });
    },
    LONG_ENOUGH,
  );

  test(
    "recoveries beside runs and deletes take nothing away, and fail at nothing",
    async (stage) => {
      await withWorkers(stage, async ([maker, ...healers]) => {
        let busy = true;
        const healing = healers.map(async (healer) => {
          let count = 0;
          const failures: string[] = [];
          while (busy) {
            const outcome = await healer.obey({ operation: "recover", subject: subject(stage, "") });
            if (outcome?.error !== undefined) failures.push(outcome.error);
            count++;
          }
          return { count, failures };
        });
        const made: (Outcome | undefined)[] = [];
        for (let round = 0; round < ROUNDS * 3; round++) {
          const one = subject(stage, `beside-${String(round)}`);
          made.push(await maker?.obey({ operation: "run", subject: one }));
          expect((await stage.main.runtime.get(one.name)).status.phase).toBe("running");
          made.push(await maker?.obey({ operation: "stop", subject: one, again: true }));
          made.push(await maker?.obey({ operation: "delete", subject: one, again: true }));
        }
        busy = false;
        const healed = await Promise.all(healing);
        expect(ends(made).filter((end) => end !== "ok")).toEqual([]);
        expect(healed.flatMap(({ failures }) => failures)).toEqual([]);
        // Otherwise nothing has been shown.
        expect(Math.min(...healed.map(({ count }) => count))).toBeGreaterThan(0);
      });
    },
    LONG_ENOUGH,
  );
});

/** How often a blob has been fetched from the registry so far. */
async function blobRequests({ registry }: Stage): Promise<number> {
  return (await registry.log()).match(/"GET \/v2\/\S+\/blobs\/\S+ HTTP/g)?.length ?? 0;
}
