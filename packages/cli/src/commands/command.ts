import type { Attach, Edit, Exec, Images, Lifecycle, Pause, Runtime, Top, Wait } from "@voiyd/runtime-api";
import type { Arguments } from "../command-line/arguments.js";
import type { OptionTable } from "../command-line/option-table.js";
import type { Interruption } from "../process/interruption.js";
import type { Surroundings } from "../process/surroundings.js";
import type { Settings } from "../settings.js";

/** What the commands need a runtime to be able to do. */
export type CommandRuntime = Runtime & Wait & Images & Attach & Edit & Exec & Lifecycle & Pause & Top;

/** What a command is given. */
export interface Context {
  readonly args: Arguments;
  readonly settings: Settings;
  readonly surroundings: Surroundings;
  readonly interruption: Interruption;
  /** Aborted by the first SIGINT or SIGTERM, unless the command takes signals itself. */
  readonly signal: AbortSignal;
  /** Connects at the first call. Argument errors come before it, so that they cost no connection. */
  readonly runtime: () => Promise<CommandRuntime>;
}

/** One command of the command line. */
export interface Command {
  /** After `usage: voiyd `. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** The least and the greatest number of operands. */
  readonly operands: readonly [least: number, most: number];
  /** False: the first operand ends the options. Default true. */
  readonly interspersed?: boolean;
  /** The exit code of the command's own errors. Default 1. */
  readonly errorCode?: number;
  /** Resolves with the exit code. */
  execute(context: Context): Promise<number>;
}
