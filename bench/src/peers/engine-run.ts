import type { Contender } from "../scenario.js";
import type { Stage } from "../stage/stage.js";
import { timed } from "../measure/timed.js";
import type { Engine } from "./engines.js";
import { runProgram } from "./program.js";

const LONG = ["sleep", "3600"] as const;

/** Runs a container in the background; resolves with its id. */
export async function startWith(stage: Stage, engine: Engine, options: readonly string[]): Promise<string> {
  const { before, path, run } = engine;
  return (await runProgram(path, [...before, "run", "-d", ...run, ...options, stage.busybox, ...LONG], stage)).trim();
}

export async function removeWith(stage: Stage, engine: Engine, id: string): Promise<void> {
  await runProgram(engine.path, ["rm", "-f", id], stage);
}

/** `docker run -d`, or another engine's, as a contender. */
export function engineRun(stage: Stage, engine: Engine, options: readonly string[]): Contender {
  return {
    name: `${engine.name} run -d`,
    role: "peer",
    async sample() {
      let id = "";
      const milliseconds = await timed(async () => {
        id = await startWith(stage, engine, options);
      });
      await removeWith(stage, engine, id);
      return milliseconds;
    },
  };
}
