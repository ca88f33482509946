import { invalid } from "@voiyd/runtime-api";

/** A decimal number, as `1.5` or `.5`. Throws `INVALID_ARGUMENT`. */
export function parseDecimal(option: string, text: string): number {
  if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text)) throw invalid(option, text, "a number");
  return Number(text);
}

/** A whole number, which may be negative. Throws `INVALID_ARGUMENT`. */
export function parseInteger(option: string, text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw invalid(option, text, "a whole number");
  return Number(text);
}

/** A whole number from 0. Throws `INVALID_ARGUMENT`. */
export function parseWhole(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(option, text, "a whole number from 0");
  return Number(text);
}

/** Permission bits as octal digits. Throws `INVALID_ARGUMENT`. */
export function parseMode(option: string, text: string): number {
  if (!/^[0-7]{1,5}$/.test(text)) throw invalid(option, text, "permission bits in octal, as 755");
  return Number.parseInt(text, 8);
}
