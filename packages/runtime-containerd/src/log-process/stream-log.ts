import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { hasCode } from "../host/file-store.js";
import type { LogStreamName } from "../log/segment-names.js";
import { preciseNow } from "../log/time-record.js";
import { HeldBytes } from "./held-bytes.js";
import { ERRNO, KernelError, makeFifo, splice, widenPipe } from "./kernel.js";
import type { LogRegistration } from "./registration.js";
import { SegmentFile } from "./segment-file.js";

/** What a container may write before it has to wait, while the log process is being replaced. In bytes. */
const PIPE_BYTES = 1024 * 1024;
/** Moved at once at most, so that a container that writes a lot does not hold up the others. */
const TURNS = 8;
const CHUNK_BYTES = 64 * 1024;

/**
 * - `open`: there is nothing to do until the pipe can be read again
 * - `full`: the log cannot be written just now, and is to be tried again after a while
 * - `ended`: every writer has closed the pipe, and all is written
 */
export type StreamState = "open" | "full" | "ended";

/** One stream of a container: what comes out of its pipe goes to its files. */
export class StreamLog {
  readonly fd: number;
  readonly #limits: LogRegistration;
  readonly #directory: string;
  readonly #stream: LogStreamName;
  readonly #held: HeldBytes;
  #segment: SegmentFile | undefined;
  #known = 0;
  #pipeEnded = false;
  #full = false;
  #hasMore = true;
  #empty = false;

  /**
   * @param directory the folder of the logs, by a path that does not change when it is renamed
   */
  constructor(pipe: string, directory: string, stream: LogStreamName, limits: LogRegistration) {
    makeFifo(pipe);
    // Without waiting for a writer; and as long as none has come, the pipe has not ended.
    this.fd = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    widenPipe(this.fd, PIPE_BYTES);
    this.#directory = directory;
    this.#stream = stream;
    this.#limits = limits;
    this.#held = new HeldBytes(limits.bufferBytes);
    this.#attempt(() => {
      this.#current();
    });
  }

  /** Whether the pipe is to be watched: one whose writer has to wait is not. */
  get wantsPipe(): boolean {
    return !this.#pipeEnded && !(this.#full && this.#limits.mode === "blocking");
  }

  /** Bytes that have been given up, and that the log does not tell of yet. */
  get lost(): number {
    return this.#held.lost;
  }

  /** Whether the last look at the pipe did not find it empty. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Does what can be done without waiting. Throws when the folder of the logs is gone. */
  advance(): StreamState {
    const state = this.#advance();
    // Its end has to be seen once more, when it has been found empty before.
    this.#hasMore = state === "open" && !this.#empty;
    return state;
  }

  #advance(): StreamState {
    this.#empty = false;
    for (let turn = 0; turn < TURNS; turn++) {
      if (!this.#writeHeld()) {
        if (this.#limits.mode === "blocking") return "full";
        if (this.#pipeEnded || !this.#hold()) return "full";
        continue;
      }
      if (this.#pipeEnded) return this.#end();
      const moved = this.#attempt(() => this.#move());
      if (moved === "nothing") {
        this.#empty = true;
        return "open";
      }
      if (moved === "full" && (this.#limits.mode === "blocking" || !this.#hold())) return "full";
    }
    // An end that came with the last turn is told of by nobody again.
    if (this.#pipeEnded && this.#held.isEmpty) return this.#end();
    return this.#full || this.#pipeEnded ? "full" : "open";
  }

  close(): void {
    closeSync(this.fd);
    this.#segment?.close();
    this.#segment = undefined;
  }

  /** Moves from the pipe to the file. */
  #move(): "moved" | "nothing" {
    const segment = this.#current();
    let at = segment.size();
    if (at < this.#known) segment.beginAnew();
    if (at >= this.#limits.maxBytes) {
      this.#putAside(segment);
      return "moved";
    }
    const moved = splice(this.fd, segment.fd, at, this.#limits.maxBytes - at);
    if (moved === undefined) return "nothing";
    if (moved === 0) {
      this.#pipeEnded = true;
      return "moved";
    }
    at += moved;
    this.#known = at;
    segment.record({ kind: "data", timeMs: preciseNow(), position: segment.position(at) });
    return "moved";
  }

  #current(): SegmentFile {
    if (this.#segment === undefined) {
      this.#segment = SegmentFile.open(this.#directory, this.#stream);
      this.#known = this.#segment.size();
    }
    return this.#segment;
  }

  #putAside(segment: SegmentFile): void {
    segment.putAside(this.#limits.maxFiles);
    segment.close();
    this.#segment = undefined;
  }

  /** Writes what is held, and the mark of what was lost before it. False when there is no room. */
  #writeHeld(): boolean {
    if (this.#held.isEmpty && !this.#full) return true;
    const written = this.#attempt(() => {
      const segment = this.#current();
      if (this.#held.lost > 0) {
        if (!segment.record({ kind: "lost", timeMs: preciseNow(), bytes: this.#held.lost })) return "full";
        this.#held.takeLost();
      }
      for (let first = this.#held.first(); first !== undefined; first = this.#held.first()) {
        const at = segment.size();
        const bytes = writeSync(segment.fd, first, 0, first.length, at);
        this.#held.drop(bytes);
        this.#known = at + bytes;
        segment.record({ kind: "data", timeMs: preciseNow(), position: segment.position(this.#known) });
      }
      return "moved";
    });
    this.#full = written === "full";
    return !this.#full;
  }

  /** Takes what is in the pipe into memory, so that its writer can go on. False when there is nothing. */
  #hold(): boolean {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    try {
      const bytes = readSync(this.fd, chunk);
      if (bytes === 0) {
        this.#pipeEnded = true;
        return false;
      }
      this.#held.add(chunk.subarray(0, bytes));
      return true;
    } catch (error) {
      if (hasCode(error, "EAGAIN")) return false;
      throw error;
    }
  }

  #end(): StreamState {
    const written = this.#attempt(() => {
      const segment = this.#current();
      const end = { kind: "end", timeMs: preciseNow(), position: segment.position(segment.size()) } as const;
      return segment.record(end) ? "ended" : "full";
    });
    return written === "full" ? "full" : "ended";
  }

  /** Runs a step; a disk without room is an answer. */
  #attempt<T>(step: () => T): T | "full" {
    try {
      return step();
    } catch (error) {
      const full =
        hasCode(error, "ENOSPC", "EDQUOT") ||
        (error instanceof KernelError && (error.errno === ERRNO.ENOSPC || error.errno === ERRNO.EDQUOT));
      if (!full) throw error;
      this.#full = true;
      return "full";
    }
  }
}
