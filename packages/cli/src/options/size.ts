import { invalid } from "@voiyd/runtime-api";

const POWERS: Readonly<Record<string, number>> = { "": 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes for `512m`, `1.5g`, `64KiB` or `1048576`. Units are binary, as with `docker run`. Throws `INVALID_ARGUMENT`. */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+) ?([kmgtp]?)i?b?$/i.exec(text);
  const power = POWERS[match?.[2]?.toLowerCase() ?? ""];
  const bytes =
    match?.[1] === undefined || power === undefined ? Number.NaN : Math.floor(Number(match[1]) * 1024 ** power);
  if (!Number.isSafeInteger(bytes)) throw invalid(option, text, "a size, as 512m or 1g");
  return bytes;
}
