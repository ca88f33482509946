import { setTimeout as sleep } from "node:timers/promises";
import type { FileHandle } from "node:fs/promises";
import type { LogPiece } from "./read-log.js";
import { readRecords, type SegmentCursor } from "./segment-cursor.js";
import { RECORD_BYTES, type TimeRecord } from "./time-record.js";

/** A piece of a log that was written at one time, or bytes that are not there. */
export type TimedPiece =
  | {
      readonly kind: "bytes";
      readonly position: number;
      readonly bytes: Uint8Array;
      readonly timeMs: number | undefined;
    }
  | { readonly kind: "lost"; readonly bytes: number; readonly timeMs: number | undefined };

/** Records read at once. */
const BATCH = 512;
/** The time of bytes is written right after them. What is read between the two waits so long for it, and so often, in milliseconds. */
const LATE_MS = 5;
const LATE_TIMES = 10;

/** Cuts the pieces of a log where their times change. */
export async function* timedPieces(
  pieces: AsyncIterable<LogPiece>,
  cursor: SegmentCursor,
  from: number | undefined,
): AsyncGenerator<TimedPiece, undefined> {
  let times: SegmentTimes | undefined;
  let expected = from;
  try {
    for await (const { position, segment, bytes } of pieces) {
      if (times?.segment !== segment) {
        await times?.close();
        times = new SegmentTimes(segment, await cursor.openTimes(segment));
      }
      if (expected !== undefined && position > expected)
        yield { kind: "lost", bytes: position - expected, timeMs: undefined };
      expected = position + bytes.length;
      for (let at = 0; at < bytes.length;) {
        const known = await times.at(position + at);
        if (known.lost > 0) yield { kind: "lost", bytes: known.lost, timeMs: known.timeMs };
        const end = Math.min(bytes.length, known.end - position);
        yield { kind: "bytes", position: position + at, bytes: bytes.subarray(at, end), timeMs: known.timeMs };
        at = end;
      }
    }
    return undefined;
  } finally {
    await times?.close();
  }
}

interface Known {
  readonly timeMs: number | undefined;
  /** The position up to which this time is that of the bytes. */
  readonly end: number;
  /** Bytes that were given up just before. */
  readonly lost: number;
}

/** The times of one file of a log, asked with growing positions. */
class SegmentTimes {
  readonly segment: number;
  readonly #file: FileHandle | undefined;
  #records: TimeRecord[] = [];
  #read = 0;
  #lost = 0;

  constructor(segment: number, file: FileHandle | undefined) {
    this.segment = segment;
    this.#file = file;
  }

  async at(position: number): Promise<Known> {
    for (let late = 0; ;) {
      const record = this.#records[0] ?? (await this.#next());
      if (record === undefined) {
        if (this.#file === undefined) return { timeMs: undefined, end: Number.MAX_SAFE_INTEGER, lost: 0 };
        if (late++ < LATE_TIMES) await sleep(LATE_MS);
        else return { timeMs: Date.now(), end: Number.MAX_SAFE_INTEGER, lost: this.#takeLost() };
      } else if (record.kind === "lost") {
        this.#lost += record.bytes;
        this.#records.shift();
      } else if (record.kind === "data" && record.position > position) {
        return { timeMs: record.timeMs, end: record.position, lost: this.#takeLost() };
      } else this.#records.shift();
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  async #next(): Promise<TimeRecord | undefined> {
    if (this.#file === undefined) return undefined;
    this.#records = await readRecords(this.#file, this.#read, BATCH);
    this.#read += this.#records.length * RECORD_BYTES;
    return this.#records[0];
  }
}
