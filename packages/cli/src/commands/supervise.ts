import type { Command } from "./command.js";

/** `voiyd __supervise`: the process that looks after containers with restart policies and health checks, while there are any. */
export const supervise: Command = {
  usage: "__supervise",
  summary: "Look after containers while there is one that needs it",
  options: {},
  operands: [0, 0],
  async execute({ runtime, signal }) {
    await using supervision = (await runtime()).supervise({ until: "idle", signal });
    await supervision.ended;
    return 0;
  },
};
