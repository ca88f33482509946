import { isRuntimeError } from "@voiyd/runtime-api";
import type { Command } from "./command.js";

/** `voiyd __reap`: the process that `run -d --rm` leaves behind. Ends with its container. */
export const reap: Command = {
  usage: "__reap ID",
  summary: "Remove a container once it has ended",
  options: {},
  operands: [1, 1],
  async execute({ args, runtime, signal }) {
    const [id = ""] = args.operands;
    const connected = await runtime();
    try {
      await connected.wait(id, { final: true, signal });
    } catch (error) {
      // Somebody else removed it: what a removal may have left behind is still ours to remove.
      if (!isRuntimeError(error, "NOT_FOUND")) throw error;
    }
    await connected.delete(id, { signal });
    return 0;
  },
};
