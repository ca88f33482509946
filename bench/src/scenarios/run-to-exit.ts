import { timed } from "../measure/timed.js";
import { ctr } from "../peers/ctr.js";
import { runProgram } from "../peers/program.js";
import type { Contender, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const ARGS = ["echo", "hello"] as const;

/** Runs, reads all that it says, and removes it: what `run --rm` does. */
async function runRemoved(stage: Stage, name: string): Promise<void> {
  const { runtime } = stage;
  await runtime.run({ meta: { name }, config: { image: stage.busybox, args: [...ARGS], network: "none" } });
  const { stdout, stderr } = await runtime.io(name, { follow: true });
  await stderr.cancel();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdout) chunks.push(chunk);
  const said = Buffer.concat(chunks).toString("utf8");
  if (said !== "hello\n") throw new Error(`it said ${JSON.stringify(said)}`);
  await runtime.delete(name);
}

export const runToExit: Scenario = {
  name: "run-rm",
  title: "`run --rm` to its exit, with its output",
  unit: "ms",
  rounds: 15,
  warmUp: 10,
  targets: [{ against: "ctr run --rm", atMost: 0.85 }],
  async open(stage) {
    const { ready, missing } = await stage.engines();
    let number = 0;
    return {
      contenders: [
        { name: "voiyd", role: "ours", sample: () => timed(() => runRemoved(stage, `rm-${number++}`)) },
        {
          name: "ctr run --rm",
          role: "peer",
          sample: () => timed(() => ctr(stage, "run", "--rm", stage.busybox, `rm-${number++}`, ...ARGS)),
        },
        ...ready.map(({ name, path, before, run }): Contender => ({
          name: `${name} run --rm`,
          role: "peer",
          sample: () =>
            timed(() =>
              runProgram(path, [...before, "run", "--rm", "--network", "none", ...run, stage.busybox, ...ARGS], stage),
            ),
        })),
      ],
      missing,
      close: async () => undefined,
    };
  },
};
