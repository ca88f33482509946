import { readdir } from "node:fs/promises";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { textOf } from "../fixture/collect.js";
import { inTurn } from "./in-turn.js";

/** The short form of it. The whole: VOIYD_SOAK=5000. */
const CYCLES = Number(process.env["VOIYD_SOAK"] ?? "40");
const PARALLEL = 8;
/** From here on memory and files are compared with the end, as a part of all cycles. */
const WARM = 0.1;
/** Memory says something of leaks only after enough cycles; files do at once. */
const CYCLES_FOR_MEMORY = 1_000;
const TOLERANCE = 1.1;

interface Footprint {
  /** Bytes that the heap holds after a collection, where the process was started so that it can be asked for. */
  readonly memory: number;
  readonly files: number;
}

async function footprint(): Promise<Footprint> {
  globalThis.gc?.();
  return { memory: process.memoryUsage().rss, files: (await readdir("/proc/self/fd")).length };
}

await describeOnHost("a long time of runs, stops and deletes", (test) => {
  test(
    `${CYCLES} containers with a port and a log, ${PARALLEL} at a time, leave nothing, neither here nor in this process`,
    async (stage) => {
      const { runtime } = stage.main;
      const cycle = async (index: number): Promise<void> => {
        const name = `soak-${index}`;
        await runtime.run({
          meta: { name },
          config: {
            image: stage.busybox,
            args: ["sh", "-c", `echo ${name}; exec sleep 1000`],
            portMappings: [{ hostPort: 0, containerPort: 80 }],
          },
        });
        await runtime.stop(name, { timeoutMs: 0 });
        const { stdout } = await runtime.io(name);
        const written = (await textOf(stdout)).trim();
        // A process that is ended at once may not have come to its first line.
        if (written !== "") expect(written).toBe(name);
        await runtime.delete(name);
      };
      const warm = Math.max(PARALLEL, Math.floor(CYCLES * WARM));
      await inTurn(warm, PARALLEL, cycle);
      const before = await footprint();
      await inTurn(CYCLES - warm, PARALLEL, (index) => cycle(warm + index));
      const after = await footprint();
      const megabytes = ({ memory }: Footprint): string => `${(memory / 1e6).toFixed(0)} MB`;
      process.stderr.write(
        `soak: ${CYCLES} cycles; after ${warm} of them ${megabytes(before)} and ${before.files} files, at the end ${megabytes(after)} and ${after.files} files\n`,
      );
      expect(after.files).toBeLessThanOrEqual(Math.ceil(before.files * TOLERANCE));
      if (CYCLES >= CYCLES_FOR_MEMORY) expect(after.memory).toBeLessThanOrEqual(before.memory * TOLERANCE);
      expect(await runtime.list()).toEqual([]);
    },
    { timeoutMs: 60_000 + CYCLES * 5_000 },
  );
});
