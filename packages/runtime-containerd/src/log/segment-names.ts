/** The streams of a container, each of which has a log of its own. */
export type LogStreamName = "stdout" | "stderr";

/** Enough for every position, so that names sort as their positions do. */
const DIGITS = 16;

/** The file that is being written to, and the one with its times. */
export function currentNames(stream: LogStreamName): { readonly data: string; readonly times: string } {
  return { data: `${stream}.log`, times: `${stream}.times` };
}

/** A file that is full, and the one with its times. They are named after the position at which they begin, for good. */
export function fullNames(stream: LogStreamName, start: number): { readonly data: string; readonly times: string } {
  const position = String(start).padStart(DIGITS, "0");
  return { data: `${stream}.log.${position}`, times: `${stream}.times.${position}` };
}

/** Where the full files of a stream begin, from a listing of their folder, in order. */
export function fullStarts(stream: LogStreamName, names: readonly string[]): number[] {
  const prefix = `${stream}.log.`;
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((text) => text.length === DIGITS && /^[0-9]+$/.test(text))
    .map(Number)
    .sort((one, other) => one - other);
}
