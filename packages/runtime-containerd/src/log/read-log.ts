import { open } from "node:fs/promises";
import { type FileStore, hasCode } from "../host/file-store.js";
import { Changes } from "./changes.js";
import type { LogStreamName } from "./segment-names.js";
import { type Segment, SegmentCursor } from "./segment-cursor.js";

/** A piece of a log. */
export interface LogPiece {
  /** Where in the whole log it begins, in bytes. A piece that does not begin where the one before ended: what was between is gone. */
  readonly position: number;
  /** Where the file begins that it is from. */
  readonly segment: number;
  readonly bytes: Uint8Array;
}

export interface FollowOptions {
  /** Resolves when nothing more will be written. */
  readonly ended: Promise<unknown>;
  /**
   * Whether somebody has the log open for writing, asked once it has ended; undefined where that cannot be told, and its end
   * is told by its quiet. Not asked of a log with times, which says so itself.
   */
  readonly isWritten?: (log: { readonly dev: number; readonly ino: number }) => Promise<boolean | undefined>;
  /** Makes sure that what is still in the pipes is written: whoever does so may have died. */
  readonly ensureWriter?: () => Promise<void>;
}

export interface ReadOptions {
  /** Absent: what is there now is all. */
  readonly follow?: FollowOptions;
  readonly signal?: AbortSignal;
  /** Where to begin, in bytes. Default 0. */
  readonly position?: number;
}

/** Read at first; as long as so much is there, each next piece is twice as large. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_MAX_BYTES = 1024 * 1024;

/**
 * After the process has ended its last output may still be on its way. It is there when its writer has closed the log, or,
 * where that cannot be seen or is put off (by a process in the background that has the container's output), when the log has
 * been quiet this long, in milliseconds. The log process may just be being replaced, so it is given longer.
 */
const QUIET_MS = { shim: 100, logProcess: 2_000 } as const;

/** Between two looks at whether the log has been closed, in milliseconds. */
const LOOK_MS = 4;

/** The content of one stream's log from a position on, over all of its files, and, while it is followed, what is added. */
export async function* readLog(
  files: FileStore,
  directory: string,
  stream: LogStreamName,
  options: ReadOptions,
): AsyncGenerator<LogPiece, undefined> {
  const folder = await openFolder(directory);
  if (folder === undefined) return undefined;
  // By its descriptor the folder is the same when the container is renamed.
  const cursor = new SegmentCursor(files, `/proc/self/fd/${folder.fd}`, stream);
  const changes = options.follow === undefined ? undefined : new Changes(directory, stream);
  let segment: Segment | undefined;
  try {
    const { signal, follow } = options;
    const end = follow === undefined ? undefined : new EndOfLog(cursor, follow, changes);
    let position = options.position ?? 0;
    let size = CHUNK_BYTES;
    for (;;) {
      signal?.throwIfAborted();
      segment ??= await cursor.open(position);
      if (segment !== undefined) {
        const { file, start } = segment;
        position = Math.max(position, start);
        const bytes = await readAt(file, position - start, size);
        if (bytes !== undefined) {
          yield { position, segment: start, bytes };
          position += bytes.length;
          size = bytes.length < size ? CHUNK_BYTES : Math.min(size * 2, CHUNK_MAX_BYTES);
          continue;
        }
        if (!(await cursor.isCurrent(file)) && (await readAt(file, position - start, 1)) === undefined) {
          const next = await cursor.open(position);
          await file.close();
          segment = next;
          if (next !== undefined) continue;
        }
      }
      if (end === undefined) return undefined;
      const { file, start } = segment ?? {};
      const stat = await file?.stat();
      if (start !== undefined && stat !== undefined && start + stat.size < position) {
        // Emptied meanwhile: what follows is new, from the beginning.
        await file?.close();
        segment = undefined;
        position = 0;
        continue;
      }
      if (await end.reached(position, stat, signal)) return undefined;
    }
  } finally {
    changes?.close();
    await segment?.file.close();
    await folder.close();
  }
}

/** Tells when a log that is followed, and of which all has been read, will have no more. */
class EndOfLog {
  readonly #cursor: SegmentCursor;
  readonly #follow: FollowOptions;
  readonly #changes: Changes | undefined;
  readonly #over: Promise<"over">;
  #ended = false;
  #closedAt: number | undefined;
  #ensured = false;
  #quietMs = 0;

  constructor(cursor: SegmentCursor, follow: FollowOptions, changes: Changes | undefined) {
    this.#cursor = cursor;
    this.#follow = follow;
    this.#changes = changes;
    this.#over = follow.ended.then(
      () => "over",
      () => "over",
    );
  }

  /** Waits for a change, or for the next look. True when the log is over at this position. */
  async reached(
    position: number,
    file: { readonly dev: number; readonly ino: number } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (this.#changes === undefined) return true;
    // Closed at the last look, and all that was written before has been read since.
    if (this.#closedAt === position) return true;
    if (!this.#ended) {
      this.#ended = (await Promise.race([this.#changes.next(undefined, signal), this.#over])) === "over";
      return false;
    }
    const hasTimes = (await this.#cursor.currentStart()) !== undefined;
    const written = hasTimes ? !(await this.#cursor.isClosedAt(position)) : await this.#isWritten(file);
    if (written === false) {
      this.#closedAt = position;
      return false;
    }
    if (hasTimes && !this.#ensured) {
      this.#ensured = true;
      await this.#follow.ensureWriter?.();
    }
    const quietMs = hasTimes ? QUIET_MS.logProcess : QUIET_MS.shim;
    if (await this.#changes.next(written === true ? LOOK_MS : quietMs, signal)) {
      this.#quietMs = 0;
      return false;
    }
    return written === undefined || (this.#quietMs += LOOK_MS) >= quietMs;
  }

  async #isWritten(file: { readonly dev: number; readonly ino: number } | undefined): Promise<boolean | undefined> {
    return file === undefined ? undefined : this.#follow.isWritten?.({ dev: file.dev, ino: file.ino });
  }
}

async function openFolder(directory: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(directory, "r");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function readAt(file: Segment["file"], position: number, size: number): Promise<Uint8Array | undefined> {
  // Not from the shared pool, and not filled with zeros first: only what was read of it is handed out.
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, position);
  return bytesRead === 0 ? undefined : new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead);
}
