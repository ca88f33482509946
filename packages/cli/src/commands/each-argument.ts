import { renderFailure } from "../output/failure.js";
import { Interrupted } from "../process/interruption.js";
import type { Context } from "./command.js";

/** As many at once; enough to hide waiting, few enough for a small host. */
const AT_ONCE = 16;

/**
 * Does the same with every operand, several at a time. What each resolves with is printed in the order of the operands;
 * a failure is printed in its place, and does not keep the others from being done. Resolves with the exit code.
 */
export async function eachArgument(context: Context, action: (operand: string) => Promise<string>): Promise<number> {
  const { args } = context;
  const turns = new Array<Promise<unknown>>(AT_ONCE).fill(Promise.resolve());
  const outcomes = args.operands.map((operand, index) => {
    const outcome = (turns[index % AT_ONCE] ?? Promise.resolve()).then(() => attempt(action, operand));
    turns[index % AT_ONCE] = outcome;
    return outcome;
  });

  try {
    return await print(outcomes, context);
  } finally {
    // Nobody reading what was done is no reason to leave the rest half-done.
    await Promise.all(outcomes);
  }
}

async function print(outcomes: readonly Promise<Outcome>[], { surroundings, settings }: Context): Promise<number> {
  let exitCode = 0;
  for (const outcome of outcomes) {
    const result = await outcome;
    if ("line" in result) {
      await surroundings.stdout.write(result.line);
      continue;
    }
    if (result.error instanceof Interrupted) throw result.error;
    await surroundings.stderr.write(renderFailure(result.error, settings.debug));
    exitCode = 1;
  }
  return exitCode;
}

type Outcome = { readonly line: string } | { readonly error: unknown };

async function attempt(action: (operand: string) => Promise<string>, operand: string): Promise<Outcome> {
  try {
    return { line: `${await action(operand)}\n` };
  } catch (error) {
    return { error };
  }
}
