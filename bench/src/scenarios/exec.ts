import { timed } from "../measure/timed.js";
import { ctr, removeCtrContainer } from "../peers/ctr.js";
import { removeWith, startWith } from "../peers/engine-run.js";
import type { Engine } from "../peers/engines.js";
import { runProgram } from "../peers/program.js";
import type { Contender, Contest, Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const LONG = ["sleep", "3600"] as const;

export const execTrue: Scenario = {
  name: "exec",
  title: "`exec true` to its exit",
  unit: "ms",
  rounds: 15,
  warmUp: 10,
  targets: [{ against: "ctr tasks exec", atMost: 0.8 }],
  open: (stage) => contest(stage, 1),
};

export const fiftyExecs: Scenario = {
  name: "exec-50",
  title: "50 `exec true` at once in one container, to their exits",
  unit: "ms",
  rounds: 5,
  targets: [],
  open: (stage, scale: Scale) => contest(stage, scale.pick(50, 3)),
};

async function contest(stage: Stage, count: number): Promise<Contest> {
  const { runtime } = stage;
  const name = `exec-${count}`;
  await runtime.run({ meta: { name }, config: { image: stage.busybox, args: [...LONG], network: "none" } });
  await ctr(stage, "run", "-d", "--null-io", stage.busybox, name, ...LONG);
  const { ready, missing } = await stage.engines();
  const engines = await Promise.all(ready.map((engine) => openEngine(stage, engine, count)));
  let number = 0;
  return {
    contenders: [
      {
        name: "voiyd",
        role: "ours",
        sample: () => timed(() => times(count, () => execToEnd(stage, name))),
      },
      {
        name: "ctr tasks exec",
        role: "peer",
        sample: () =>
          timed(() => times(count, () => ctr(stage, "tasks", "exec", "--exec-id", `e${number++}`, name, "true"))),
      },
      ...engines.map(({ contender }) => contender),
    ],
    missing,
    async close() {
      for (const { close } of engines) await close();
      await removeCtrContainer(stage, name);
      await runtime.delete(name);
    },
  };
}

async function execToEnd(stage: Stage, container: string): Promise<void> {
  await using process = await stage.runtime.exec(container, { args: ["true"] });
  await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
  const { exitCode } = await process.exited;
  if (exitCode !== 0) throw new Error(`true ended with ${String(exitCode)}`);
}

async function openEngine(
  stage: Stage,
  engine: Engine,
  count: number,
): Promise<{ contender: Contender; close: () => Promise<unknown> }> {
  const id = await startWith(stage, engine, ["--network", "none"]);
  return {
    contender: {
      name: `${engine.name} exec`,
      role: "peer",
      sample: () => timed(() => times(count, () => runProgram(engine.path, ["exec", id, "true"], stage))),
    },
    close: () => removeWith(stage, engine, id),
  };
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}
