import type { ContainerExit, ContainerRequest } from "@voiyd/runtime-api";

/**
 * Where a container is when it ends: with everything at work; while the daemon is away; while the process that has run it
 * is dead; the same after a restart of the daemon; while both are away.
 */
export const SITUATIONS = ["here", "no-daemon", "no-process", "restarted", "neither"] as const;
export type Situation = (typeof SITUATIONS)[number];

/** A container that waits for a word, then ends in its own way. */
export interface ExitCase {
  readonly name: string;
  readonly situation: Situation;
  /** What it has to do at the end, for `sh`. */
  readonly end: string;
  readonly expected: { readonly exitCode: number; readonly oomKilled: boolean };
}

/** The kernel ends whoever wants more than its 16 MiB. */
const TOO_MUCH = "dd if=/dev/zero of=/dev/null bs=200M count=1";
const MEMORY = 16 * 1024 * 1024;

/** With what a process can end itself, by number (signal(7)); without SIGQUIT, which busybox's shell ignores. */
const SIGNALS = [1, 2, 4, 6, 8, 9, 11, 13, 14, 15, 10, 12] as const;
const CODES = [0, 1, 2, 3, 42, 77, 99, 125, 126, 127, 128, 129, 137, 143, 200, 254, 255] as const;

type Ending = Pick<ExitCase, "end" | "expected">;

const ENDINGS: readonly ((number: number) => Ending)[] = [
  (number) => byCode(CODES[number % CODES.length] ?? 0),
  (number) => bySignal(SIGNALS[number % SIGNALS.length] ?? 9),
  () => ({ end: `exec ${TOO_MUCH}`, expected: { exitCode: 137, oomKilled: true } }),
  (number) => byCode((number * 37) % 256),
  (number) => bySignal(SIGNALS[(number * 5) % SIGNALS.length] ?? 9),
  // The kernel may end one that is not the first process: that one goes on, and ends by itself.
  (number) => ({ end: `${TOO_MUCH}; exit ${number % 100}`, expected: { exitCode: number % 100, oomKilled: true } }),
];

function byCode(exitCode: number): Ending {
  return { end: `exit ${exitCode}`, expected: { exitCode, oomKilled: false } };
}

function bySignal(signal: number): Ending {
  return { end: `kill -${signal} $$; sleep 60`, expected: { exitCode: 128 + signal, oomKilled: false } };
}

/** So many cases, every ending in every situation in turn. */
export function exitCases(count: number): ExitCase[] {
  return Array.from({ length: count }, (_, number) => {
    const situation = SITUATIONS[number % SITUATIONS.length] ?? "here";
    const turn = Math.floor(number / SITUATIONS.length);
    const ending = ENDINGS[(turn + (number % SITUATIONS.length)) % ENDINGS.length] ?? ENDINGS[0];
    if (ending === undefined) throw new Error("there are no endings");
    return { name: `ends-${String(number)}`, situation, ...ending(turn) };
  });
}

/** Its word is a file of the situation's name in `folder`. */
export function requestFor({ name, situation, end }: ExitCase, image: string, folder: string): ContainerRequest {
  return {
    meta: { name },
    config: {
      image,
      args: ["sh", "-c", `while [ ! -e /words/${situation} ]; do sleep 0.3; done; ${end}`],
      network: "none",
      mounts: [{ type: "bind", source: folder, destination: "/words", readOnly: true }],
      // The first process of a namespace takes no signal that it does not handle.
      namespaces: { pid: "host" },
      resources: { memory: MEMORY },
    },
  };
}

/** The shim looks at the clock when it has buried the process, in milliseconds: on a busy host that is later. */
const LATE_MS = 1_000;

/** What is wrong with what was told of an end; undefined where nothing is. */
export function mistake(
  { expected, situation }: ExitCase,
  told: Partial<ContainerExit>,
  between: readonly [number, number],
): string | undefined {
  const { exitCode = "unknown", exitedAt, oomKilled } = told;
  if (exitCode === "unknown") return situation === "neither" ? undefined : "the code is not known";
  if (exitCode !== expected.exitCode) return `the code is ${String(exitCode)}`;
  if (oomKilled !== expected.oomKilled) return `killed for want of memory: ${String(oomKilled)}`;
  const at = exitedAt?.getTime() ?? Number.NaN;
  return at >= between[0] && at <= between[1] + LATE_MS ? undefined : `the time is ${String(exitedAt?.toISOString())}`;
}
