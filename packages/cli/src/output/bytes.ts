const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A number of bytes with three significant digits and decimal units, as `7.8MB`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to 1000 of the smaller unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${String(Number(value.toPrecision(3)))}${UNITS[unit] ?? ""}`;
}
