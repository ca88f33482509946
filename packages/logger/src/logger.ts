/** Named values that belong to a message. Errors, dates and nested objects are fine; secrets are hidden by their name. */
export type LogFields = Readonly<Record<string, unknown>>;

/** From the least to the most important. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Where the packages of voiyd say what they do. No method throws or blocks, whatever it is given: a program must not
 * fail because of what it says about itself.
 */
export interface Logger {
  /** What only a person who looks for a fault wants to know. */
  debug(message: string, fields?: LogFields): void;
  /** What happened, as planned. */
  info(message: string, fields?: LogFields): void;
  /** What went wrong without consequence for the caller. */
  warn(message: string, fields?: LogFields): void;
  /** What went wrong, and somebody should look at it. */
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every message. A field of the message itself wins over one of the same name. */
  child(fields: LogFields): Logger;
}
