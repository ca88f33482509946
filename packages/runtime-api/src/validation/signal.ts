import { invalid } from "./invalid.js";

/** `signal(7)`, for x86, ARM and most others. */
const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};
const RTMIN = 34;
const RTMAX = 64;

/** The number of a signal given as `SIGTERM`, `TERM`, `RTMIN+3` or `15`, in any case. Throws `INVALID_ARGUMENT`. */
export function parseSignal(text: string, option = "signal"): number {
  if (typeof text !== "string") throw invalid(option, text, "a signal's name or number, as a text");
  const name = text.toUpperCase().replace(/^SIG/, "");
  const known = Object.hasOwn(SIGNALS, name) ? SIGNALS[name] : undefined;
  const number = known ?? realTime(name) ?? (/^[0-9]{1,2}$/.test(name) ? Number(name) : undefined);
  if (number === undefined || number < 1 || number > RTMAX) {
    throw invalid(option, text, `a signal's name, or a number from 1 to ${String(RTMAX)}`);
  }
  return number;
}

function realTime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?$/.exec(name);
  if (match === null) return undefined;
  const offset = Number(match[3] ?? 0) * (match[2] === "-" ? -1 : 1);
  const number = (match[1] === "MIN" ? RTMIN : RTMAX) + offset;
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}
