import { timed } from "../measure/timed.js";
import { ctr, removeCtrContainer } from "../peers/ctr.js";
import type { Scale, Scenario } from "../scenario.js";

export const fiftyRuns: Scenario = {
  name: "run-50",
  title: "50 `run`s at once, without network",
  unit: "ms",
  rounds: 3,
  warmUp: 0,
  targets: [{ against: "ctr run -d", atMost: 0.9 }],
  async open(stage, scale: Scale) {
    const width = scale.pick(50, 3);
    const { missing } = await stage.engines();
    const names = (prefix: string): string[] => Array.from({ length: width }, (_, index) => `${prefix}-${index}`);
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          async sample() {
            const own = names("fifty");
            const run = (name: string): Promise<unknown> =>
              stage.runtime.run({
                meta: { name },
                config: { image: stage.busybox, args: ["sleep", "3600"], network: "none" },
              });
            const milliseconds = await timed(() => Promise.all(own.map(run)));
            await Promise.all(own.map((name) => stage.runtime.delete(name)));
            return milliseconds;
          },
        },
        {
          name: "ctr run -d",
          role: "peer",
          async sample() {
            const own = names("fifty-ctr");
            const milliseconds = await timed(() =>
              Promise.all(own.map((id) => ctr(stage, "run", "-d", "--null-io", stage.busybox, id, "sleep", "3600"))),
            );
            for (const id of own) await removeCtrContainer(stage, id);
            return milliseconds;
          },
        },
      ],
      missing,
      close: async () => undefined,
    };
  },
};
