import type { Command } from "../command.js";

/** `voiyd system supervise`: for a service manager, or a terminal. */
export const supervise: Command = {
  usage: "system supervise",
  summary: "Restart containers by their policies and watch their health",
  options: {},
  operands: [0, 0],
  async execute({ runtime, signal, settings, surroundings }) {
    await using supervision = (await runtime()).supervise({ signal });
    await Promise.race([supervision.active, supervision.ended]);
    if (!signal.aborted) await surroundings.stdout.write(`supervising namespace ${settings.namespace}\n`);
    await supervision.ended;
    return 0;
  },
};
