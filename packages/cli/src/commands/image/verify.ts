import { escapeText } from "../../output/escape.js";
import { renderFailure } from "../../output/failure.js";
import { createProgressView } from "../../output/progress.js";
import type { Command, Context } from "../command.js";

/** `voiyd image verify`. */
export const verify: Command = {
  usage: "image verify [OPTIONS] IMAGE [IMAGE...]",
  summary: "Read and check every byte of images, and mend them",
  options: {
    repair: { kind: "flag", help: "fetch what is missing or damaged" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal, settings, surroundings } = context;
    let exitCode = 0;
    for (const operand of args.operands) {
      try {
        if (!(await check(context, operand))) exitCode = 1;
      } catch (error) {
        signal.throwIfAborted();
        await surroundings.stderr.write(renderFailure(error, settings.debug));
        exitCode = 1;
      }
    }
    return exitCode;
  },
};

/** Resolves with whether all is well in the end. */
async function check({ args, runtime, signal, surroundings }: Context, operand: string): Promise<boolean> {
  const { stdout, stderr, now } = surroundings;
  const connected = await runtime();
  const problems = await connected.verifyImage(operand, { signal });
  for (const { kind, digest, problem } of problems)
    await stdout.write(`${escapeText(operand)}: ${kind} ${escapeText(digest)} is ${problem}\n`);
  if (problems.length > 0 && args.flag("repair")) {
    const view = createProgressView(stderr, now);
    await connected.repairImage(operand, { signal, onProgress: view.report }).finally(() => view.finish());
    await stdout.write(`${escapeText(operand)}: repaired\n`);
    return true;
  }
  if (problems.length === 0) await stdout.write(`${escapeText(operand)}: ok\n`);
  return problems.length === 0;
}
