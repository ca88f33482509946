export type { ConsoleLoggerOptions } from "./console-logger.js";
export type { LogFields, Logger, LogLevel } from "./logger.js";
export type { PinoLike } from "./pino-logger.js";

export { createConsoleLogger } from "./console-logger.js";
export { escapeControls } from "./escape.js";
export { createPinoLogger } from "./pino-logger.js";
export { silentLogger } from "./silent-logger.js";
