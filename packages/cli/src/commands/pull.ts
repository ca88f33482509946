import type { Image } from "@voiyd/runtime-api";
import { renderFailure } from "../output/failure.js";
import { escapeText } from "../output/escape.js";
import { Interrupted } from "../process/interruption.js";
import type { Command, Context } from "./command.js";
import { platformOptions, PLATFORM_OPTIONS, REGISTRY_REFUSALS } from "./image/platform-options.js";
import { pullWithProgress } from "./pull-with-progress.js";

/** `voiyd pull`. */
export const pull: Command = {
  usage: "pull [OPTIONS] IMAGE [IMAGE...]",
  summary: "Fetch images from a registry",
  options: {
    ...PLATFORM_OPTIONS,
    ...REGISTRY_REFUSALS,
    quiet: { kind: "flag", short: "q", help: "only print the images' names" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, surroundings, settings } = context;
    let exitCode = 0;
    platformOptions(args); // a mistake in the options is said before anything is done
    // One after the other: each shares its bandwidth among its layers already, and the bars stay readable.
    for (const reference of args.operands) {
      try {
        await surroundings.stdout.write(describe(await fetch(context, reference), args.flag("quiet")));
      } catch (error) {
        if (error instanceof Interrupted) throw error;
        await surroundings.stderr.write(renderFailure(error, settings.debug));
        exitCode = 1;
      }
    }
    return exitCode;
  },
};

async function fetch({ args, runtime, signal, surroundings }: Context, reference: string): Promise<Image> {
  return pullWithProgress(await runtime(), reference, {
    ...platformOptions(args),
    quiet: args.flag("quiet"),
    signal,
    surroundings,
  });
}

function describe({ name, digest }: Image, quiet: boolean): string {
  return quiet ? `${escapeText(name)}\n` : `${escapeText(name)} ${escapeText(digest)}\n`;
}
