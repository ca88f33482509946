import { isRuntimeError } from "@voiyd/runtime-api";
import type { Arguments } from "./command-line/arguments.js";
import { commandHelp, overview, usageLine } from "./command-line/help.js";
import { GLOBAL_OPTIONS, withGlobalOptions } from "./command-line/option-table.js";
import { parseCommandLine } from "./command-line/parse.js";
import { UsageError } from "./command-line/usage-error.js";
import type { Command, Context } from "./commands/command.js";
import { COMMANDS, findCommand } from "./commands/table.js";
import { codeOf, renderFailure } from "./output/failure.js";
import { Interrupted, Interruption } from "./process/interruption.js";
import type { Composition, Surroundings } from "./process/surroundings.js";
import { readSettings } from "./settings.js";

/** What a shell reports for a process that wrote to nobody: 128 + SIGPIPE. */
const BROKEN_PIPE = 141;
const USAGE = "usage: voiyd [OPTIONS] COMMAND [ARG...]";

/** Runs a command line. Resolves with the exit code; never rejects. */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  let usage = USAGE;
  let command: Command | undefined;
  let debug = false;
  try {
    const globals = parseCommandLine(argv, GLOBAL_OPTIONS, { interspersed: false });
    debug = globals.flag("debug");
    if (globals.flag("version")) {
      await stdout.write(`voiyd ${surroundings.version()}\n`);
      return 0;
    }
    if (globals.flag("help")) {
      await stdout.write(overview(visibleCommands()));
      return 0;
    }
    if (globals.operands.length === 0) {
      await stderr.write(overview(visibleCommands()));
      return 1;
    }
    const { entry, rest } = findCommand(globals.operands);
    command = await entry.load();

    usage = usageLine(command);
    const options = withGlobalOptions(command.options);
    const args = parseCommandLine(rest, options, { interspersed: command.interspersed ?? true });
    debug ||= args.flag("debug");
    if (args.flag("help")) {
      await stdout.write(commandHelp(command));
      return 0;
    }
    checkOperands(entry.name, command, args);
    return await execute(command, globals, args, surroundings);
  } catch (error) {
    return await report(error, { usage, command, debug, surroundings });
  }
}

async function execute(
  command: Command,
  globals: Arguments,
  args: Arguments,
  surroundings: Surroundings,
): Promise<number> {
  const settings = readSettings([globals, args], surroundings.env, surroundings.cwd);
  const interruption = new Interruption(surroundings.signals);
  let composed: Promise<Composition> | undefined;
  const context: Context = {
    args,
    settings,
    surroundings,
    interruption,
    signal: interruption.signal,
    runtime: async () => (await (composed ??= surroundings.compose(settings))).runtime,
  };
  try {
    return await command.execute(context);
  } finally {
    interruption.dispose();
    await dispose(composed);
  }
}

async function dispose(composed: Promise<Composition> | undefined): Promise<void> {
  if (composed === undefined) return;
  // A composition that failed was reported where it was asked for, and there is nothing to dispose of.
  const [outcome] = await Promise.allSettled([composed]);
  if (outcome.status === "fulfilled") await outcome.value[Symbol.asyncDispose]();
}

function checkOperands(name: string, command: Command, args: Arguments): void {
  const [least, most] = command.operands;
  const given = args.operands.length;
  if (given < least) throw new UsageError(`${name} needs at least ${count(least)}`);
  if (given > most)
    throw new UsageError(most === 0 ? `${name} takes no arguments` : `${name} takes at most ${count(most)}`);
}

function count(number: number): string {
  return number === 1 ? "one argument" : `${String(number)} arguments`;
}

function visibleCommands(): typeof COMMANDS {
  return COMMANDS.filter(({ internal }) => internal !== true);
}

interface Circumstances {
  readonly usage: string;
  readonly command: Command | undefined;
  readonly debug: boolean;
  readonly surroundings: Surroundings;
}

/** Says on stderr what went wrong, as far as there is still somebody who listens. */
async function report(error: unknown, { usage, command, debug, surroundings }: Circumstances): Promise<number> {
  if (codeOf(error) === "EPIPE") return BROKEN_PIPE;
  if (error instanceof Interrupted) return error.exitCode;
  const text = renderFailure(error, debug) + (error instanceof UsageError ? `${usage}\n` : "");
  try {
    await surroundings.stderr.write(text);
  } catch {
    // Nobody reads our errors: the exit code is all that is left to tell.
  }
  return exitCodeOf(error, command);
}

function exitCodeOf(error: unknown, command: Command | undefined): number {
  const own = command?.errorCode ?? 1;
  if (own === 1) return own;
  if (isRuntimeError(error, "COMMAND_NOT_EXECUTABLE")) return 126;
  if (isRuntimeError(error, "COMMAND_NOT_FOUND")) return 127;
  return own;
}
