import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { type FileStore, hasCode } from "../host/file-store.js";
import { currentNames, fullNames, fullStarts, type LogStreamName } from "./segment-names.js";
import { decodeTimeRecords, RECORD_BYTES, type TimeRecord } from "./time-record.js";

/** A file of a log, opened. */
export interface Segment {
  readonly file: FileHandle;
  /** The position in the whole log at which it begins. */
  readonly start: number;
}

/** A full file is put aside between two looks at it at most so often. */
const ATTEMPTS = 50;

/**
 * Finds the files of one stream's log by positions in the whole log, while another process goes on writing and putting
 * aside. A log without times is one file, which begins at 0.
 */
export class SegmentCursor {
  readonly #files: FileStore;
  readonly #directory: string;
  readonly #stream: LogStreamName;

  /** @param directory a path that stays the folder's own when that is renamed */
  constructor(files: FileStore, directory: string, stream: LogStreamName) {
    this.#files = files;
    this.#directory = directory;
    this.#stream = stream;
  }

  /**
   * The file that holds this position, or that will; where it has been removed already, the oldest after it. Undefined when
   * there is none just now.
   */
  async open(position: number): Promise<Segment | undefined> {
    for (let attempt = 1; ; attempt++) {
      const starts = fullStarts(this.#stream, await this.#files.list(this.#directory));
      const full = await this.#openFull(starts, position);
      if (full !== undefined) return full;
      const begun = await this.currentStart();
      const file = await this.#openIfThere(currentNames(this.#stream).data);
      if (file === undefined) return undefined;
      // Put aside between the two: what was opened may be another file than the one whose beginning was read.
      if ((await this.currentStart()) === begun && (await this.isCurrent(file))) return { file, start: begun ?? 0 };
      await file.close();
      if (attempt >= ATTEMPTS) return undefined;
    }
  }

  /** Whether this file is the one that is being written to. */
  async isCurrent(file: FileHandle): Promise<boolean> {
    const now = await this.#openIfThere(currentNames(this.#stream).data);
    if (now === undefined) return false;
    try {
      const [one, other] = [await file.stat(), await now.stat()];
      return one.dev === other.dev && one.ino === other.ino;
    } finally {
      await now.close();
    }
  }

  /** Where the file begins that is being written to; undefined for a log without times. */
  async currentStart(): Promise<number | undefined> {
    const times = await this.#openIfThere(currentNames(this.#stream).times);
    if (times === undefined) return undefined;
    try {
      const [first] = await readRecords(times, 0, 1);
      // Emptied by somebody: it begins anew.
      return first?.kind === "start" ? first.position : 0;
    } finally {
      await times.close();
    }
  }

  /** The position after everything that has been written. */
  async end(): Promise<number> {
    const segment = await this.open(Number.MAX_SAFE_INTEGER);
    if (segment === undefined) return 0;
    try {
      return segment.start + (await segment.file.stat()).size;
    } finally {
      await segment.file.close();
    }
  }

  /** Whether every writer has closed the log, and it ends at this position. */
  async isClosedAt(position: number): Promise<boolean> {
    const times = await this.#openIfThere(currentNames(this.#stream).times);
    if (times === undefined) return false;
    try {
      const { size } = await times.stat();
      const [last] = await readRecords(times, size - (size % RECORD_BYTES) - RECORD_BYTES, 1);
      return last?.kind === "end" && last.position === position;
    } finally {
      await times.close();
    }
  }

  /** The times of the file that begins at `start`; undefined for a log without times. */
  async openTimes(start: number): Promise<FileHandle | undefined> {
    return (
      (await this.#openIfThere(fullNames(this.#stream, start).times)) ??
      ((await this.currentStart()) === start ? this.#openIfThere(currentNames(this.#stream).times) : undefined) ??
      this.#openIfThere(fullNames(this.#stream, start).times)
    );
  }

  async #openFull(starts: readonly number[], position: number): Promise<Segment | undefined> {
    const before = starts.findLast((start) => start <= position) ?? starts[0];
    if (before === undefined) return undefined;
    const file = await this.#openIfThere(fullNames(this.#stream, before).data);
    if (file === undefined) return undefined;
    const end = before + (await file.stat()).size;
    if (end > position) return { file, start: before };
    await file.close();
    return undefined;
  }

  async #openIfThere(name: string): Promise<FileHandle | undefined> {
    try {
      return await this.#files.openRegular(join(this.#directory, name));
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }
}

/** Records of a file with times, from a place in it. */
export async function readRecords(times: FileHandle, at: number, most: number): Promise<TimeRecord[]> {
  if (at < 0) return [];
  const { buffer, bytesRead } = await times.read(Buffer.alloc(most * RECORD_BYTES), 0, most * RECORD_BYTES, at);
  return decodeTimeRecords(buffer.subarray(0, bytesRead));
}
