import { expect } from "@jest/globals";
import { ShimControl } from "../faults/tools/shim-control.js";
import { describeOnHost } from "../fixture/on-host.js";
import { inTurn } from "./in-turn.js";

/** The short form of it. The whole: VOIYD_DENSITY=500. */
const COUNT = Number(process.env["VOIYD_DENSITY"] ?? "40");
const PARALLEL = 6;

/** How long something takes, in milliseconds. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

await describeOnHost("many containers on one host", (test) => {
  test(
    `${COUNT} of them run at once: lists are right, and a frozen shim among them is unknown and keeps nobody else from being read`,
    async (stage) => {
      const { runtime } = stage.main;
      const names = Array.from({ length: COUNT }, (_, index) => `dense-${index}`);
      await inTurn(COUNT, PARALLEL, async (index) => {
        await runtime.run({
          meta: { name: names[index] ?? "" },
          config: { image: stage.busybox, args: ["sleep", "100000"], network: "none" },
        });
      });
      const whole = await runtime.list();
      expect(whole.map(({ meta }) => meta.name).sort()).toEqual([...names].sort());
      expect(whole.filter(({ status }) => status.phase !== "running")).toEqual([]);
      expect(new Set(whole.map(({ status }) => status.pid)).size).toBe(COUNT);

      const frozen = names[Math.floor(COUNT / 2)] ?? "";
      const shim = await ShimControl.of(stage, await runtime.id(frozen));
      const plain = await took(() => runtime.list());
      await shim.freeze();
      try {
        let phases: [string, string][] = [];
        const delayed = await took(async () => {
          phases = (await runtime.list()).map(({ meta, status }) => [meta.name, status.phase]);
        });
        process.stderr.write(
          `density: a list of ${COUNT} took ${plain.toFixed(0)} ms, and ${delayed.toFixed(0)} ms with a frozen shim among them\n`,
        );
        expect(new Map(phases)).toEqual(new Map(names.map((name) => [name, name === frozen ? "unknown" : "running"])));
        // Everybody else is served as before.
        const other = names[0] ?? "";
        expect((await runtime.get(other)).status.phase).toBe("running");
        await runtime.stop(other, { timeoutMs: 0 });
        await runtime.delete(other);
      } finally {
        shim.thaw();
      }
      expect((await runtime.get(frozen)).status.phase).toBe("running");
      await inTurn(COUNT, PARALLEL, (index) => runtime.delete(names[index] ?? ""));
      expect(await runtime.list()).toEqual([]);
    },
    { timeoutMs: 120_000 + COUNT * 3_000 },
  );
});
