import type { LogEntry } from "@voiyd/runtime-api";
import type { LogStreamName } from "./segment-names.js";
import type { TimedPiece } from "./timed-pieces.js";

/** A line and where it begins; its time to the microsecond, for the order among streams. */
export interface LogLine {
  readonly entry: LogEntry;
  readonly timeMs: number | undefined;
  /** The position after it. */
  readonly end: number;
}

const NEWLINE = 10;
/** A line that is longer comes in pieces. */
const LONGEST_BYTES = 1024 * 1024;

/** Cuts a log into lines. A line has the time at which it began. */
export async function* logLines(
  pieces: AsyncIterable<TimedPiece>,
  stream: LogStreamName,
  { keepsOpenLine }: { readonly keepsOpenLine: boolean },
): AsyncGenerator<LogLine, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let timeMs: number | undefined;
  let end = 0;
  const line = (): LogLine => {
    const entry = { kind: "line", stream, ...timeOf(timeMs), line: joined(held) } as const;
    held = [];
    heldBytes = 0;
    return { entry, timeMs, end };
  };
  for await (const piece of pieces) {
    if (piece.kind === "lost") {
      if (heldBytes > 0) yield line();
      yield { entry: { kind: "lost", stream, ...timeOf(piece.timeMs), bytes: piece.bytes }, timeMs: piece.timeMs, end };
      continue;
    }
    for (let at = 0; at < piece.bytes.length;) {
      const newline = piece.bytes.indexOf(NEWLINE, at);
      const next = Math.min(newline === -1 ? piece.bytes.length : newline + 1, at + LONGEST_BYTES - heldBytes);
      if (heldBytes === 0) timeMs = piece.timeMs;
      held.push(piece.bytes.subarray(at, next));
      heldBytes += next - at;
      end = piece.position + next;
      at = next;
      if (piece.bytes[next - 1] === NEWLINE || heldBytes >= LONGEST_BYTES) yield line();
    }
  }
  // Where somebody goes on from here, the line that has not ended yet is his.
  if (heldBytes > 0 && !keepsOpenLine) yield line();
  return undefined;
}

function timeOf(timeMs: number | undefined): { readonly time?: Date } {
  return timeMs === undefined ? {} : { time: new Date(timeMs) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return new Uint8Array(Buffer.concat(parts));
}
