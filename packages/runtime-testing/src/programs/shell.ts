import type { Program, ProgramContext } from "../memory/program.js";
import { SCRIPTS } from "./scripts.js";

const SIGTERM = 15;

/** A script with its parameters `$1` and `$2`. */
type Script = (context: ProgramContext, first: string, second: string) => number | Promise<number>;

/** What each text of {@link SCRIPTS} does. */
const scripts: ReadonlyMap<string, Script> = new Map<string, Script>([
  [SCRIPTS.exit, (_context, code) => Number(code)],
  [SCRIPTS.print, print],
  [
    SCRIPTS.printVariable,
    (context, name) => {
      context.stdout(`${variable(context, name)}\n`);
      return 0;
    },
  ],
  [
    SCRIPTS.printThenSleep,
    async (context, first, second) => {
      print(context, first, second);
      return untilKilled(context);
    },
  ],
  [
    SCRIPTS.printOnTerm,
    async (context, before, after) => {
      const terminated = untilTerm(context);
      context.stdout(before);
      await terminated;
      context.stdout(after);
      return 0;
    },
  ],
  [
    SCRIPTS.ignoreTerm,
    async (context) => {
      context.stdout("ready\n");
      return untilKilled(context);
    },
  ],
  [
    SCRIPTS.exitOnTerm,
    async (context, code) => {
      const terminated = untilTerm(context);
      context.stdout("ready\n");
      await terminated;
      return Number(code);
    },
  ],
]);

/** `sh -c SCRIPT NAME $1 $2`, for the scripts of the contract suite. Any other script ends with 2 and says so. */
export const shell: Program = (context) => {
  const [, option, text = "", , first = "", second = ""] = context.args;
  const script = option === "-c" ? scripts.get(text) : undefined;
  if (script !== undefined) return script(context, first, second);
  context.stderr(`sh: the in-memory runtime does not simulate this script: ${text}\n`);
  return 2;
};

function variable({ env }: ProgramContext, name: string): string {
  return Object.hasOwn(env, name) ? (env[name] ?? "") : "";
}

function print({ stdout, stderr }: ProgramContext, first: string, second: string): number {
  stdout(first);
  stderr(second);
  return 0;
}

/** Lives until SIGKILL, and takes no notice of anything else. */
async function untilKilled({ clock, gone }: ProgramContext): Promise<number> {
  await clock.sleep(Infinity, gone);
  return 0;
}

async function untilTerm({ onSignal }: ProgramContext): Promise<void> {
  return new Promise((resolve) => {
    onSignal(SIGTERM, resolve);
  });
}
