import type { FileHandle } from "node:fs/promises";
import { type FileStore, hasCode } from "../host/file-store.js";
import { Changes } from "../log/changes.js";

export interface LogStreamOptions {
  /** Resolves when nothing more will be written. Absent: what is there now is all. */
  readonly ended?: Promise<unknown>;
  /**
   * Whether the shim still has the log open, asked once the container has ended; undefined where that cannot be told, and
   * its end is told by its quiet.
   */
  readonly isWritten?: (log: { readonly dev: number; readonly ino: number }) => Promise<boolean | undefined>;
  readonly signal?: AbortSignal;
  /** Where to begin, in bytes. Default 0. */
  readonly position?: number;
}

/** Read at first; as long as so much is there, each next piece is twice as large. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_MAX_BYTES = 1024 * 1024;

/**
 * After the process has ended its last output may still be on its way through the shim. It is there when the shim has
 * closed the file, or, where that cannot be seen or is put off (by a process in the background that has the container's
 * output), when the file has been quiet this long, in milliseconds.
 */
const QUIET_MS = 100;

/** Between two looks at whether the shim has closed the file, in milliseconds. */
const LOOK_MS = 4;

/**
 * The content of a log file from its start, and, while it is followed, what is appended. Reads as fast as it is read.
 * The file is opened with the first read, so that a stream that nobody reads holds nothing; when the container has been
 * deleted by then, there is nothing to read.
 */
export function logStream(files: FileStore, path: string, options: LogStreamOptions): ReadableStream<Uint8Array> {
  const givenUp = new AbortController();
  const signal = options.signal === undefined ? givenUp.signal : AbortSignal.any([givenUp.signal, options.signal]);
  const chunks = readLog(files, path, { ...options, signal });
  // Between two reads nobody would notice an abort, and the file would stay open.
  const stop = (): void => {
    chunks.return(undefined).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        options.signal?.throwIfAborted();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        // A read that waits for a change would hold up the generator's end.
        givenUp.abort();
        await chunks.return(undefined);
      },
    },
    // What nobody has asked for yet is not read ahead.
    { highWaterMark: 0 },
  );
}

async function* readLog(
  files: FileStore,
  path: string,
  options: LogStreamOptions,
): AsyncGenerator<Uint8Array, undefined> {
  const file = await openIfThere(files, path);
  if (file === undefined) return undefined;
  let changes: Changes | undefined;
  try {
    changes = options.ended === undefined ? undefined : new Changes(path);
    let position = options.position ?? 0;
    let size = CHUNK_BYTES;
    let ended = options.ended === undefined;
    let closed = false;
    let quietMs = 0;
    const end = options.ended?.then(
      () => "ended" as const,
      () => "ended" as const,
    );
    for (;;) {
      options.signal?.throwIfAborted();
      const chunk = await readAt(file, position, size);
      if (chunk !== undefined) {
        position += chunk.length;
        size = chunk.length < size ? CHUNK_BYTES : Math.min(size * 2, CHUNK_MAX_BYTES);
        yield chunk;
        continue;
      }
      if (closed) return undefined; // and this was all that was written before
      const { size: length, dev, ino } = await file.stat();
      if (length < position)
        position = 0; // emptied meanwhile: what follows is new
      else if (changes === undefined) return undefined;
      else if (!ended) ended = (await Promise.race([changes.next(undefined, options.signal), end])) === "ended";
      else {
        const written = await options.isWritten?.({ dev, ino });
        if (written === false) closed = true;
        else if (await changes.next(written === true ? LOOK_MS : QUIET_MS, options.signal)) quietMs = 0;
        else if (written === undefined || (quietMs += LOOK_MS) >= QUIET_MS) return undefined;
      }
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

async function openIfThere(files: FileStore, path: string): Promise<FileHandle | undefined> {
  try {
    return await files.openRegular(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function readAt(file: FileHandle, position: number, size: number): Promise<Uint8Array | undefined> {
  // Not from the shared pool, and not filled with zeros first: only what was read of it is handed out.
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, position);
  return bytesRead === 0 ? undefined : new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead);
}
