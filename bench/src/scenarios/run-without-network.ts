import { timed } from "../measure/timed.js";
import { BareRun } from "../peers/bare-run.js";
import { ctr, removeCtrContainer } from "../peers/ctr.js";
import { engineRun } from "../peers/engine-run.js";
import type { Scenario } from "../scenario.js";

const ARGS = ["sleep", "3600"] as const;

export const runWithoutNetwork: Scenario = {
  name: "run",
  title: "`run` to running, without network",
  unit: "ms",
  rounds: 15,
  warmUp: 10,
  targets: [{ against: "the same calls, bare and in a row", atMost: 1.05 }],
  async open(stage) {
    const bare = await BareRun.open(stage, ARGS);
    const { ready, missing } = await stage.engines();
    const engines = ready.map((engine) => engineRun(stage, engine, ["--network", "none"]));
    let number = 0;
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          async sample() {
            const name = `run-${number++}`;
            const request = { meta: { name }, config: { image: stage.busybox, args: [...ARGS], network: "none" } };
            const milliseconds = await timed(() => stage.runtime.run(request));
            await stage.runtime.delete(name);
            return milliseconds;
          },
        },
        {
          name: "the same calls, bare and in a row",
          role: "floor",
          async sample() {
            let id = "";
            const milliseconds = await timed(async () => {
              id = await bare.run();
            });
            await bare.remove(stage, id);
            return milliseconds;
          },
        },
        {
          name: "ctr run -d",
          role: "peer",
          async sample() {
            const id = `ctr-${number++}`;
            const milliseconds = await timed(() => ctr(stage, "run", "-d", "--null-io", stage.busybox, id, ...ARGS));
            await removeCtrContainer(stage, id);
            return milliseconds;
          },
        },
        ...engines,
      ],
      missing,
      close: () => bare.close(),
    };
  },
};
