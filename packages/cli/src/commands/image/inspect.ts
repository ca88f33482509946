import type { ImageDetails } from "@voiyd/runtime-api";
import { toJson } from "../../output/escape.js";
import { renderFailure } from "../../output/failure.js";
import type { Command } from "../command.js";

/** `voiyd image inspect`. */
export const inspect: Command = {
  usage: "image inspect [OPTIONS] IMAGE [IMAGE...]",
  summary: "Show everything about images, as JSON",
  options: {
    platform: { kind: "value", value: "PLATFORM", help: "what is here for this platform, as linux/arm64" },
  },
  operands: [1, Infinity],
  async execute({ args, runtime, signal, settings, surroundings: { stdout, stderr } }) {
    const platform = args.value("platform");
    const options = { signal, ...(platform === undefined ? {} : { platform }) };
    const connected = await runtime();
    const found: ImageDetails[] = [];
    for (const operand of args.operands) {
      try {
        found.push(await connected.inspectImage(operand, options));
      } catch (error) {
        signal.throwIfAborted();
        await stderr.write(renderFailure(error, settings.debug));
      }
    }
    await stdout.write(`${toJson(found, 2)}\n`);
    return found.length === args.operands.length ? 0 : 1;
  },
};
