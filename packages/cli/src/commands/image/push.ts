import { createPushView } from "../../output/push-progress.js";
import { escapeText } from "../../output/escape.js";
import type { Command } from "../command.js";
import { platformOptions, PLATFORM_OPTIONS, REGISTRY_REFUSALS } from "./platform-options.js";

/** `voiyd push`. */
export const push: Command = {
  usage: "push [OPTIONS] IMAGE [TARGET]",
  summary: "Bring an image to a registry",
  options: {
    ...PLATFORM_OPTIONS,
    ...REGISTRY_REFUSALS,
    quiet: { kind: "flag", short: "q", help: "only print where it is" },
  },
  operands: [1, 2],
  async execute({ args, runtime, signal, surroundings }) {
    const [reference = "", target] = args.operands;
    const quiet = args.flag("quiet");
    const platforms = platformOptions(args);
    const connected = await runtime();
    const view = quiet ? undefined : createPushView(surroundings.stderr);
    const pushed = await connected
      .pushImage(reference, {
        signal,
        ...platforms,
        ...(target !== undefined && { target }),
        ...(view !== undefined && { onProgress: view.report }),
      })
      .finally(() => view?.finish());
    await surroundings.stdout.write(
      quiet ? `${escapeText(pushed.name)}\n` : `${escapeText(pushed.name)}: digest: ${escapeText(pushed.digest)}\n`,
    );
    return 0;
  },
};
