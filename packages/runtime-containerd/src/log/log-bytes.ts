import type { FileStore } from "../host/file-store.js";
import { readLog, type ReadOptions } from "./read-log.js";
import type { LogStreamName } from "./segment-names.js";

/**
 * One stream's log with times, as the bytes that were written. Nothing is opened before it is read, and nothing is read
 * ahead.
 */
export function logBytes(
  files: FileStore,
  directory: string,
  stream: LogStreamName,
  options: ReadOptions,
): ReadableStream<Uint8Array> {
  const givenUp = new AbortController();
  const signal = options.signal === undefined ? givenUp.signal : AbortSignal.any([givenUp.signal, options.signal]);
  const pieces = readLog(files, directory, stream, { ...options, signal });
  // Between two reads nobody would notice an abort, and the file would stay open.
  const stop = (): void => {
    pieces.return(undefined).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        options.signal?.throwIfAborted();
        if (done === true) controller.close();
        else controller.enqueue(value.bytes);
      },
      async cancel() {
        // A read that waits for a change would hold up the generator's end.
        givenUp.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
