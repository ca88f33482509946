import { timed } from "../measure/timed.js";
import { ctr, removeCtrContainer } from "../peers/ctr.js";
import type { Scenario } from "../scenario.js";

const ARGS = ["sleep", "3600"] as const;

export const deleteRunning: Scenario = {
  name: "delete",
  title: "`delete` of a running container, without network",
  unit: "ms",
  rounds: 15,
  targets: [],
  async open(stage) {
    const { missing } = await stage.engines();
    let number = 0;
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          async sample() {
            const name = `delete-${number++}`;
            await stage.runtime.run({
              meta: { name },
              config: { image: stage.busybox, args: [...ARGS], network: "none" },
            });
            return timed(() => stage.runtime.delete(name));
          },
        },
        {
          name: "ctr tasks rm --force + containers rm",
          role: "peer",
          async sample() {
            const id = `delete-ctr-${number++}`;
            await ctr(stage, "run", "-d", "--null-io", stage.busybox, id, ...ARGS);
            return timed(() => removeCtrContainer(stage, id));
          },
        },
      ],
      missing,
      close: async () => undefined,
    };
  },
};
