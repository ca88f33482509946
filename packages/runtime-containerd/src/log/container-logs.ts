import { invalid, type LogEntry, type LogsOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { followOptions } from "../io/container-io.js";
import { logPaths } from "../io/log-paths.js";
import { lastEnd } from "../supervisor/last-end.js";
import { type LogLine, logLines } from "./log-lines.js";
import { mergeLines } from "./merge-lines.js";
import { type FollowOptions, readLog, type ReadOptions } from "./read-log.js";
import { SegmentCursor } from "./segment-cursor.js";
import type { LogStreamName } from "./segment-names.js";
import { tailStart } from "./tail-start.js";
import { timedPieces } from "./timed-pieces.js";

/** What a container wrote, by lines. First what is there, in the order of its times, and then, followed, what comes. */
export async function* containerLogs(
  context: RuntimeContext,
  record: ContainerRecord,
  options: LogsOptions,
): AsyncGenerator<LogEntry, undefined> {
  const { tail, follow = false, streams = ["stdout", "stderr"] } = options;
  if (tail !== undefined && !(Number.isSafeInteger(tail) && tail >= 0))
    throw invalid("tail", tail, "a whole number from 0");
  const positions = new Map<LogStreamName, number>();
  for (const stream of streams) positions.set(stream, await startOf(context, record, stream, tail));
  const begun = tail === undefined ? undefined : new LastLines(tail);
  for await (const { entry, end } of linesFrom(context, record, positions, options, follow)) {
    positions.set(entry.stream, end);
    if (!isWanted(entry, options)) continue;
    if (begun === undefined) yield entry;
    else begun.add(entry);
  }
  yield* begun?.entries() ?? [];
  if (!follow) return undefined;
  const leaving = new AbortController();
  const signal = options.signal === undefined ? leaving.signal : AbortSignal.any([leaving.signal, options.signal]);
  const ended = lastEnd({ ...context, client: context.client.background() }, record, { signal });
  // Whichever way the wait ends, what is there is read to its end; a failure of it is not the reader's.
  ended.catch(() => undefined);
  try {
    const following = followOptions(context, record, ended);
    for await (const { entry } of linesFrom(context, record, positions, options, false, following)) {
      if (options.until !== undefined && entry.time !== undefined && entry.time >= options.until) return undefined;
      if (isWanted(entry, options)) yield entry;
    }
    return undefined;
  } finally {
    leaving.abort();
  }
}

function linesFrom(
  context: RuntimeContext,
  record: ContainerRecord,
  positions: ReadonlyMap<LogStreamName, number>,
  options: LogsOptions,
  keepsOpenLine: boolean,
  follow?: FollowOptions,
): AsyncGenerator<LogLine, undefined> {
  const { directory } = logPaths(context.logDirFmt, record.name);
  const { files } = context.host;
  const streams = [...positions].map(([stream, position]) => {
    const reading: ReadOptions = {
      position,
      ...(follow === undefined ? {} : { follow }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const cursor = new SegmentCursor(files, directory, stream);
    const pieces = readLog(files, directory, stream, reading);
    // Before the oldest file that is left nothing is missed: it is as old as a log may become.
    return logLines(timedPieces(pieces, cursor, position === 0 ? undefined : position), stream, { keepsOpenLine });
  });
  return mergeLines(streams, { live: follow !== undefined });
}

async function startOf(
  context: RuntimeContext,
  record: ContainerRecord,
  stream: LogStreamName,
  tail: number | undefined,
): Promise<number> {
  if (tail === undefined) return 0;
  const { directory } = logPaths(context.logDirFmt, record.name);
  return tailStart(new SegmentCursor(context.host.files, directory, stream), tail);
}

function isWanted({ time }: LogEntry, { since, until }: LogsOptions): boolean {
  if (since !== undefined && (time === undefined || time < since)) return false;
  return until === undefined || time === undefined || time < until;
}

/** The last lines of all that is given; a mark of a loss counts with the line after it. */
class LastLines {
  readonly #most: number;
  #entries: LogEntry[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(entry: LogEntry): void {
    if (this.#most === 0) return;
    this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#most) this.#entries = this.#entries.slice(-this.#most);
  }

  entries(): readonly LogEntry[] {
    return this.#most === 0 ? [] : this.#entries.slice(-this.#most);
  }
}
