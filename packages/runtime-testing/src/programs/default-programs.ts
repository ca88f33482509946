import type { Program } from "../memory/program.js";
import { shell } from "./shell.js";

/** The programs that every simulated image has: enough of busybox for the contract suite and for small examples. */
export const defaultPrograms: Readonly<Record<string, Program>> = {
  echo: ({ args, stdout }) => {
    stdout(`${args.slice(1).join(" ")}\n`);
    return 0;
  },
  env: ({ env, stdout }) => {
    for (const [name, value] of Object.entries(env)) stdout(`${name}=${value}\n`);
    return 0;
  },
  false: () => 1,
  printenv: ({ args, env, stdout }) => {
    const [, name = ""] = args;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined) stdout(`${value}\n`);
    return value === undefined ? 1 : 0;
  },
  pwd: ({ stdout, workingDir }) => {
    stdout(`${workingDir}\n`);
    return 0;
  },
  sh: shell,
  sleep: async ({ args, clock, gone, stderr }) => {
    const seconds = args[1] === "infinity" ? Infinity : Number(args[1]);
    if (!(seconds >= 0)) {
      stderr(`sleep: invalid number '${args[1] ?? ""}'\n`);
      return 1;
    }
    await clock.sleep(seconds * 1000, gone);
    return 0;
  },
  true: () => 0,
};
