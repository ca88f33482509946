import { escapeControls } from "./escape.js";
import type { LogFields, Logger, LogLevel } from "./logger.js";
import { redactFields } from "./redact.js";
import { redactText } from "./secret.js";

export interface ConsoleLoggerOptions {
  /** The least important level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Takes one line, with its newline. Default: the standard error of the process. */
  readonly write?: (line: string) => void;
  /** The time of a message. Default: the system's clock. */
  readonly clock?: () => Date;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * A logger for a person at a terminal: `2026-01-31T12:00:00.000Z WARN  message key=value other="two words"`. Exactly one
 * line a message; control characters are escaped and secrets redacted, in messages and fields alike.
 */
export function createConsoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const { level = "info", write = writeToStderr, clock = (): Date => new Date() } = options;
  const least = LEVELS.indexOf(level);
  return loggerWith((messageLevel, message, fields) => {
    if (LEVELS.indexOf(messageLevel) < least) return;
    const head = `${clock().toISOString()} ${messageLevel.toUpperCase().padEnd(5)} ${redactText(message)}`;
    write(`${escapeControls([head, ...renderedFields(fields)].join(" "))}\n`);
  });
}

type Sink = (level: LogLevel, message: string, fields: LogFields) => void;

function loggerWith(sink: Sink): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      sink(level, message, fields);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (bound) => {
      const redacted = redactFields(bound);
      return loggerWith((level, message, fields) => {
        sink(level, message, { ...redacted, ...redactFields(fields) });
      });
    },
  };
}

/** Bare where that is clear, JSON where it is not; absent values are left out. */
function renderedFields(fields: LogFields): string[] {
  return Object.entries(redactFields(fields))
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${bare(key)}=${typeof value === "string" ? bare(value) : JSON.stringify(value)}`);
}

function bare(text: string): string {
  return /^[^\s"'=\\{}[\]]+$/.test(text) ? text : JSON.stringify(text);
}

function writeToStderr(line: string): void {
  process.stderr.write(line);
}
