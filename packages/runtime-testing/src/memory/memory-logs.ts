import { invalid, type LogEntry, type LogsOptions } from "@voiyd/runtime-api";
import { lastEnd } from "./last-end.js";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";

const NEWLINE = 10;

/** What a container wrote, by lines; stream after stream. There are no times in memory. */
export async function* memoryLogs(
  host: MemoryHost,
  container: MemoryContainer,
  { follow = false, since, tail, streams = ["stdout", "stderr"], signal }: LogsOptions,
): AsyncGenerator<LogEntry, undefined> {
  if (tail !== undefined && !(Number.isSafeInteger(tail) && tail >= 0)) {
    throw invalid("tail", tail, "a whole number from 0");
  }
  // What has no time is taken for older than any.
  if (since !== undefined) return undefined;
  const { stdout, stderr } = container;
  const last = follow ? lastEnd(host, container, signal) : undefined;
  const entries: LogEntry[] = [];
  for (const stream of streams) {
    const log = stream === "stdout" ? stdout : stderr;
    for await (const line of linesOf(log.read(follow, signal, last))) {
      const entry = { kind: "line", stream, line } as const;
      if (tail === undefined) yield entry;
      else entries.push(entry);
    }
  }
  if (tail !== undefined && tail > 0) yield* entries.slice(-tail);
  return undefined;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array = new Uint8Array();
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk]);
    for (let end = held.indexOf(NEWLINE); end !== -1; end = held.indexOf(NEWLINE)) {
      yield held.subarray(0, end + 1);
      held = held.subarray(end + 1);
    }
  }
  if (held.length > 0) yield held;
  return undefined;
}
