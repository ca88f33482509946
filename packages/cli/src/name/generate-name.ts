import { BIRDS, QUALITIES } from "./words.js";

/**
 * A name as `quiet_heron`; with a number behind it from the fourth attempt on, when the short ones seem to be taken.
 */
export function generateName(random: () => number, attempt = 1): string {
  const words = `${pick(QUALITIES, random)}_${pick(BIRDS, random)}`;
  return attempt < 4 ? words : `${words}_${String(Math.floor(random() * 100_000))}`;
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? "";
}
