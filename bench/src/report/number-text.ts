import type { Unit } from "../scenario.js";

/** Three digits are all that such figures are good for. */
export function figureText(value: number, unit: Unit): string {
  return `${digits(value)} ${unit}`;
}

export function ratioText(value: number): string {
  return `${value.toFixed(2)} ×`;
}

/** The middle half of the figures around their median. */
export function spreadText({ low, high, median }: { low: number; high: number; median: number }): string {
  if (median === 0) return "";
  return `−${percent(median - low, median)} +${percent(high - median, median)} %`;
}

function percent(part: number, whole: number): string {
  return ((part / whole) * 100).toFixed(0);
}

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
