import { invalid } from "@voiyd/runtime-api";

/** A decimal number, as `1.5`. Throws `INVALID_ARGUMENT`. */
export function parseDecimal(option: string, text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw invalid(option, text, "a number");
  return Number(text);
}

/** A whole number, which may be negative. Throws `INVALID_ARGUMENT`. */
export function parseInteger(option: string, text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw invalid(option, text, "a whole number");
  return Number(text);
}
