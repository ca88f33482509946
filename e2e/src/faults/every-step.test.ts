import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { campaign, type Result } from "./campaign.js";
import { OPERATIONS, type OperationName, type Subject } from "./program/operations.js";
import type { FaultKind } from "./program/steps.js";
import { Worker } from "./worker.js";

/**
 * `VOIYD_FAULTS=full` breaks every step of every operation in every way: more than a thousand faults. Otherwise each
 * operation is broken at some of its steps. A lost answer is followed by a second try, which has to end right. `VOIYD_FAULTS_BATCH=1` tells of each leak which
 * fault it is from.
 */
const FULL = process.env["VOIYD_FAULTS"] === "full";
const BATCH = Number(process.env["VOIYD_FAULTS_BATCH"] ?? "12");
const ONLY = process.env["VOIYD_FAULTS_OPERATION"];
const KINDS: readonly FaultKind[] = FULL ? ["kill", "abort", "error", "drop", "delay"] : ["kill", "error", "drop"];
const STRIDES: Partial<Record<OperationName, number>> = {
  run: 10,
  create: 6,
  start: 9,
  delete: 6,
  restart: 15,
  rename: 4,
  commit: 8,
  pull: 9,
  load: 9,
  "network create": 2,
};

await describeOnHost("every step of an operation can fail", (test) => {
  test(
    "and after a recovery nothing is left, and nothing lost",
    async (stage) => {
      const { runtime } = stage.main;
      await runtime.run({ meta: { name: "bystander" }, config: { image: stage.busybox, args: ["sleep", "10000"] } });
      const pulled = await stage.publish("test/faulty", { layers: [{ files: { a: { content: "a" } } }] });
      const archive = join(stage.directory, "faulty.tar");
      await runtime.pullImage(pulled);
      await pipeline(runtime.saveImages([pulled]), createWriteStream(archive));
      await runtime.removeImage(pulled);
      const subject = (name: string): Subject => ({ name, image: stage.busybox, pulled, archive });
      await using worker = await Worker.open(stage.host);

      const results: Result[] = [];
      for (const operation of Object.keys(OPERATIONS).filter(isOperation)) {
        const stride = FULL ? 1 : (STRIDES[operation] ?? 3);
        const result = await campaign(stage, worker, { operation, kinds: KINDS, stride, batch: BATCH, subject });
        results.push(result);
        const { steps, faults, failed, survived, leaks } = result;
        process.stdout.write(
          `${operation}: ${String(steps)} steps, ${String(faults)} faults (${String(failed)} failed it, ${String(survived)} did not), ${String(leaks.length)} leaks\n${leaks.join("\n")}\n`,
        );
      }
      const total = results.reduce((sum, { faults }) => sum + faults, 0);
      process.stdout.write(`${String(total)} faults in all\n`);
      expect((await runtime.get("bystander")).status.phase).toBe("running");
      await runtime.delete("bystander");
      expect(results.flatMap(({ leaks }) => leaks)).toEqual([]);
      if (FULL && ONLY === undefined) expect(total).toBeGreaterThanOrEqual(1000);
    },
    { timeoutMs: FULL ? 7_200_000 : 600_000 },
  );
});

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name) && (ONLY === undefined || name === ONLY);
}
