import { timed } from "../measure/timed.js";
import type { Scenario } from "../scenario.js";

/** A first process that ends when it is asked to. */
const ARGS = ["sh", "-c", "trap 'exit 0' TERM; sleep 3600 & echo ready; wait"] as const;
const SIGTERM = 15;

export const stopRunning: Scenario = {
  name: "stop",
  title: "`stop` of a container that ends when it is asked to",
  unit: "ms",
  rounds: 15,
  targets: [],
  async open(stage) {
    const { client, runtime } = stage;
    let number = 0;
    /** Runs one, and resolves with its id when its trap is set. */
    const run = async (): Promise<string> => {
      const args = [...ARGS];
      const { status } = await runtime.run({
        meta: { name: `stop-${number++}` },
        config: { image: stage.busybox, args, network: "none" },
      });
      const { stdout } = await runtime.io(status.id, { follow: true });
      const reader = stdout.getReader();
      await reader.read();
      await reader.cancel();
      return status.id;
    };
    return {
      contenders: [
        {
          name: "voiyd",
          role: "ours",
          async sample() {
            const id = await run();
            const milliseconds = await timed(() => runtime.stop(id));
            await runtime.delete(id);
            return milliseconds;
          },
        },
        {
          name: "kill, wait and delete of the task, bare",
          role: "floor",
          async sample() {
            const containerId = await run();
            const milliseconds = await timed(async () => {
              const exit = client.tasks.wait({ containerId });
              await client.tasks.kill({ containerId, signal: SIGTERM });
              await exit;
              await client.tasks.delete({ containerId });
            });
            await runtime.delete(containerId);
            return milliseconds;
          },
        },
      ],
      missing: [],
      close: async () => undefined,
    };
  },
};
