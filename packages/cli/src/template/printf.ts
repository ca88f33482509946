import type { ArgumentValue, Fail } from "./function.js";
import { described, isList, printed, whole } from "./value.js";

/** `%`, flags, width, precision, and the letter that says how. */
const DIRECTIVE = /%([-+0 ]*)(\d+)?(?:\.(\d*))?([^]?)/gu;
const WIDEST = 4096;
const MOST_DIGITS = 100;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** What Go's `Sprintf` makes of it, with an error where Go writes one into the text. */
export function printf(format: string, args: readonly ArgumentValue[], fail: Fail): string {
  let used = 0;
  const text = format.replace(
    DIRECTIVE,
    (whole, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (whole === "%%") return "%";
      const directive: Directive = {
        flags,
        width: bounded(width ?? "0", WIDEST, fail),
        precision: precision === undefined ? undefined : bounded(precision, MOST_DIGITS, fail),
        verb,
      };
      const argument = args[used];
      used += 1;
      if (!"sdvqtxXf".includes(verb) || verb === "")
        throw fail(`%${verb} is not known`, "there are %s %d %v %q %t %x %X %f");
      if (argument === undefined) throw fail(`there is nothing for ${whole}`);
      return show(argument, directive, fail);
    },
  );
  if (used < args.length) throw fail(`nothing takes ${described(args[used] ?? null)}`);
  return text;
}

function bounded(digits: string, most: number, fail: Fail): number {
  const number = Number(digits);
  if (number > most) throw fail(`${digits} is too wide`);
  return number;
}

/** Of lists each item by itself. */
function show(value: ArgumentValue, directive: Directive, fail: Fail): string {
  if (isList(value)) return `[${value.map((item) => show(whole(item), directive, fail)).join(" ")}]`;
  const { flags, width, precision, verb } = directive;
  const shown = shownAs(value, directive, fail);
  const isNumber = typeof value === "number";
  const signed = isNumber && !shown.startsWith("-") ? `${/[+ ]/.exec(flags)?.[0] ?? ""}${shown}` : shown;
  const missing = width - Array.from(signed).length;
  if (missing <= 0) return signed;
  if (flags.includes("-")) return signed + " ".repeat(missing);
  if (!flags.includes("0") || !isNumber || (precision !== undefined && verb !== "f"))
    return " ".repeat(missing) + signed;
  const sign = /^[-+ ]/.exec(signed)?.[0] ?? "";
  return sign + "0".repeat(missing) + signed.slice(sign.length);
}

function shownAs(value: ArgumentValue, { precision, verb }: Directive, fail: Fail): string {
  const unfit = (): Error => fail(`%${verb} cannot show ${described(value)}`);
  switch (verb) {
    case "t":
      if (typeof value !== "boolean") throw unfit();
      return String(value);
    case "d":
      if (!isWhole(value)) throw unfit();
      return BigInt(value).toString();
    case "f":
      if (typeof value !== "number") throw unfit();
      return value.toFixed(precision ?? 6);
    case "q":
      if (typeof value !== "string") throw unfit();
      return quote(cut(value, precision));
    case "x":
    case "X": {
      if (typeof value !== "string" && !isWhole(value)) throw unfit();
      const hex = typeof value === "string" ? Buffer.from(value).toString("hex") : BigInt(value).toString(16);
      return verb === "x" ? hex : hex.toUpperCase();
    }
    default:
      return typeof value === "string" ? cut(value, precision) : printed(value);
  }
}

function isWhole(value: ArgumentValue): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function cut(text: string, length: number | undefined): string {
  return length === undefined ? text : Array.from(text).slice(0, length).join("");
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/** In the way of a string in Go's source. */
function quote(text: string): string {
  const inner = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = (width: number): string => code.toString(16).padStart(width, "0");
    const written = code < 0x80 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
    return NAMED.get(character) ?? written;
  });
  return `"${inner}"`;
}
