import type { LogFields, Logger } from "./logger.js";
import { redactFields } from "./redact.js";
import { redactText } from "./secret.js";

/** The part of a pino logger that is used. Any object of this shape will do; pino itself is never imported. */
export interface PinoLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: Record<string, unknown>): PinoLike;
}

/**
 * A logger that writes through pino, which keeps its level, transport and bindings. Fields reach pino redacted and as
 * plain objects, errors with their code; pino's own `redact` and serializers work on top of that.
 */
export function createPinoLogger(pino: PinoLike): Logger {
  return {
    debug: (message: string, fields: LogFields = {}): void => {
      pino.debug(redactFields(fields), redactText(message));
    },
    info: (message: string, fields: LogFields = {}): void => {
      pino.info(redactFields(fields), redactText(message));
    },
    warn: (message: string, fields: LogFields = {}): void => {
      pino.warn(redactFields(fields), redactText(message));
    },
    error: (message: string, fields: LogFields = {}): void => {
      pino.error(redactFields(fields), redactText(message));
    },
    child: (fields: LogFields): Logger => createPinoLogger(pino.child(redactFields(fields))),
  };
}
