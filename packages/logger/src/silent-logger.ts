import type { Logger } from "./logger.js";

/** Says nothing. The default wherever a voiyd package takes a logger. */
export const silentLogger: Logger = Object.freeze({
  debug(): void {},
  info(): void {},
  warn(): void {},
  error(): void {},
  child(): Logger {
    return silentLogger;
  },
});
