import { isRecord } from "../container/json.js";

/** The file in a container's own folder that asks for its output to be logged, as long as it is there. */
export const REGISTRATION = "logging.json";

/** What the log process has to know about a container. */
export interface LogRegistration {
  /** The folder of the logs. */
  readonly directory: string;
  /** A file that has this many bytes is put aside. */
  readonly maxBytes: number;
  /** How many files a stream's log has at most, the one that is being written to included. */
  readonly maxFiles: number;
  /** What happens when the log cannot be written: the container waits, or the oldest bytes are given up and counted. */
  readonly mode: "blocking" | "non-blocking";
  /** How many bytes are kept in memory meanwhile, for `non-blocking`. */
  readonly bufferBytes: number;
  /** A terminal has one stream. */
  readonly streams: readonly ("stdout" | "stderr")[];
}

/** The id of the boot in which a registration was written; one of an earlier boot asks for nothing any more. */
export function bootOf(text: string): string | undefined {
  const value: unknown = JSON.parse(text);
  const { boot } = isRecord(value) ? value : {};
  return typeof boot === "string" ? boot : undefined;
}

/** Throws for text that is no registration. */
export function parseRegistration(text: string): LogRegistration {
  const value: unknown = JSON.parse(text);
  const { directory, maxBytes, maxFiles, mode, bufferBytes, streams } = isRecord(value) ? value : {};
  if (
    typeof directory !== "string" ||
    !isCount(maxBytes) ||
    !isCount(maxFiles) ||
    !isCount(bufferBytes) ||
    (mode !== "blocking" && mode !== "non-blocking") ||
    !Array.isArray(streams)
  ) {
    throw new Error("not the registration of a log");
  }
  return {
    directory,
    maxBytes,
    maxFiles,
    mode,
    bufferBytes,
    streams: (["stdout", "stderr"] as const).filter((stream) => streams.includes(stream)),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** Where the pipe of a stream is, in the container's own folder. */
export function pipeName(stream: "stdout" | "stderr"): string {
  return `log-${stream}`;
}

/** A folder's name that cannot lead elsewhere. */
export function isFolderName(value: unknown): value is string {
  return typeof value === "string" && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value);
}
