import { unlinkSync } from "node:fs";
import { type Call, findKoffi, type Koffi } from "../native/koffi.js";

/** Makes FIFOs, 0600, or none of them: false where it cannot, or not in this way. A program can, or says why not. */
export type Mkfifo = (paths: readonly string[]) => boolean;

/** For whoever is to have a program do it. */
export const noMkfifo: Mkfifo = () => false;

interface Calls {
  readonly mkfifo: Call;
  readonly chmod: Call;
}

/**
 * `mkfifo(3)`, called by this process itself. What calls it takes longer to be loaded (17 ms) than a program to be run (6),
 * so it is loaded when FIFOs are asked for the second time.
 */
export function createMkfifo(find: () => Koffi | undefined = findKoffi): Mkfifo {
  let asked = false;
  let calls: { readonly found: Calls | undefined } | undefined;
  return (paths) => {
    if (!asked) {
      asked = true;
      return false;
    }
    calls ??= { found: load(find) };
    return calls.found !== undefined && makeAll(calls.found, paths);
  };
}

function load(find: () => Koffi | undefined): Calls | undefined {
  try {
    const libc = find()?.load(null);
    if (libc === undefined) return undefined;
    return {
      mkfifo: libc.func("int mkfifo(const char *path, unsigned int mode)"),
      chmod: libc.func("int chmod(const char *path, unsigned int mode)"),
    };
  } catch {
    // Nothing is lost without it: a program makes the same FIFOs. Who cannot do without it tells what is wrong with it.
    return undefined;
  }
}

function makeAll({ mkfifo, chmod }: Calls, paths: readonly string[]): boolean {
  const made: string[] = [];
  for (const path of paths) {
    const isMade = mkfifo(path, 0o600) === 0;
    if (isMade) made.push(path);
    // Whatever the process's umask took away.
    if (isMade && chmod(path, 0o600) === 0) continue;
    for (const one of made) unlinkSync(one);
    return false;
  }
  return true;
}
