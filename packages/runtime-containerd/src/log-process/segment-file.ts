import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../host/file-store.js";
import { currentNames, fullNames, fullStarts, type LogStreamName } from "../log/segment-names.js";
import { decodeTimeRecords, encodeTimeRecord, preciseNow, RECORD_BYTES, type TimeRecord } from "../log/time-record.js";

const OPEN = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * The file of a log that is being written to, with its times. Whoever wrote it before may have been killed at any moment,
 * so opening it finishes what was begun: the steps of putting a file aside are in an order in which that can be told.
 */
export class SegmentFile {
  /** The position in the whole log at which this file begins. */
  #start: number;
  #timesBytes: number;
  readonly #data: number;
  readonly #times: number;
  readonly #directory: string;
  readonly #stream: LogStreamName;

  private constructor(directory: string, stream: LogStreamName) {
    const { data, times } = currentNames(stream);
    const starts = fullStarts(stream, readdirSync(directory));
    finishPuttingAside(directory, stream, starts);
    this.#directory = directory;
    this.#stream = stream;
    this.#timesBytes = 0;
    this.#start = endOfFull(directory, stream, starts);
    this.#times = openSync(join(directory, times), OPEN, 0o600);
    try {
      // Before there is a file with data: whoever reads must never see one of which it is not known where it begins.
      this.#begin();
      this.#data = openSync(join(directory, data), OPEN, 0o600);
    } catch (error) {
      closeSync(this.#times);
      throw error;
    }
    try {
      this.#recordOwed();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Throws where there is no room, and where there is no folder any more. */
  static open(directory: string, stream: LogStreamName): SegmentFile {
    return new SegmentFile(directory, stream);
  }

  get fd(): number {
    return this.#data;
  }

  /** What the file has, in bytes. One that somebody has emptied is begun anew. */
  size(): number {
    return fstatSync(this.#data).size;
  }

  /** The position in the whole log of a place in this file. */
  position(at: number): number {
    return this.#start + at;
  }

  /** Keeps when something was written. Where there is no room for that, the next record covers it. */
  record(record: TimeRecord): boolean {
    try {
      writeSync(this.#times, encodeTimeRecord(record), 0, RECORD_BYTES, this.#timesBytes);
      this.#timesBytes += RECORD_BYTES;
      return true;
    } catch (error) {
      if (!hasCode(error, "ENOSPC", "EDQUOT")) throw error;
      return false;
    }
  }

  /** Somebody has emptied the log: it begins anew, at position 0. */
  beginAnew(): void {
    ftruncateSync(this.#times, 0);
    this.#timesBytes = 0;
    this.#start = 0;
    this.record({ kind: "start", timeMs: preciseNow(), position: 0 });
  }

  /** Puts this file aside under the position at which it begins, and removes the oldest beyond `maxFiles`. */
  putAside(maxFiles: number): void {
    const current = currentNames(this.#stream);
    const full = fullNames(this.#stream, this.#start);
    renameSync(join(this.#directory, current.data), join(this.#directory, full.data));
    renameSync(join(this.#directory, current.times), join(this.#directory, full.times));
    const starts = fullStarts(this.#stream, readdirSync(this.#directory));
    for (const start of starts.slice(0, Math.max(0, starts.length - (maxFiles - 1)))) {
      const old = fullNames(this.#stream, start);
      // With the last of them goes what tells where the next one begins, so that is written first.
      if (start === this.#start) writeStart(this.#directory, this.#stream, this.#start + this.size());
      rmSync(join(this.#directory, old.data), { force: true });
      rmSync(join(this.#directory, old.times), { force: true });
    }
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#times);
  }

  /** Reads where the file begins, or writes it. */
  #begin(): void {
    const size = fstatSync(this.#times).size;
    const whole = size - (size % RECORD_BYTES);
    if (whole !== size) ftruncateSync(this.#times, whole);
    this.#timesBytes = whole;
    const [first] = readRecords(this.#times, 0);
    if (first?.kind === "start") this.#start = first.position;
    if (first === undefined && !this.record({ kind: "start", timeMs: preciseNow(), position: this.#start }))
      throw Object.assign(new Error("there is no room for a log"), { code: "ENOSPC" });
  }

  /** A writer that was killed between the data and its time owes the time. */
  #recordOwed(): void {
    const [last] = readRecords(this.#times, this.#timesBytes - RECORD_BYTES);
    const { size, mtimeMs } = fstatSync(this.#data);
    const end = this.position(size);
    const known = last === undefined || last.kind === "lost" ? -1 : last.position;
    if (known !== end && size > 0) this.record({ kind: "data", timeMs: mtimeMs, position: end });
  }
}

/** A file whose log has been put aside, and whose times have not: the other half of an interrupted step. */
function finishPuttingAside(directory: string, stream: LogStreamName, starts: readonly number[]): void {
  const last = starts.at(-1);
  if (last === undefined) return;
  const times = join(directory, currentNames(stream).times);
  const [first] = recordsOf(times);
  if (first?.kind === "start" && first.position === last)
    renameSync(times, join(directory, fullNames(stream, last).times));
}

function endOfFull(directory: string, stream: LogStreamName, starts: readonly number[]): number {
  const last = starts.at(-1);
  if (last === undefined) return 0;
  const fd = openSync(join(directory, fullNames(stream, last).data), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return last + fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}

function writeStart(directory: string, stream: LogStreamName, position: number): void {
  const fd = openSync(join(directory, currentNames(stream).times), OPEN, 0o600);
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, encodeTimeRecord({ kind: "start", timeMs: preciseNow(), position }), 0, RECORD_BYTES, 0);
  } finally {
    closeSync(fd);
  }
}

function recordsOf(path: string): TimeRecord[] {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return readRecords(fd, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

function readRecords(fd: number, at: number): TimeRecord[] {
  const piece = Buffer.alloc(RECORD_BYTES);
  const bytes = at < 0 ? 0 : readSync(fd, piece, 0, RECORD_BYTES, at);
  return decodeTimeRecords(piece.subarray(0, bytes));
}
