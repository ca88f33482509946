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

const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number of bytes with four significant digits and binary units, as `7.813MiB`: memory, as Docker shows it. */
export function binaryBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${String(Number(value.toPrecision(4)))}${BINARY_UNITS[unit] ?? ""}`;
}
