import type { ContainerConfig, LocalLogging, Logging } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_FILES = 3;
const DEFAULT_BUFFER_BYTES = 1024 * 1024;

/** How a container logs: as it says itself, or as all do. */
export function loggingOf(context: Pick<RuntimeContext, "logging">, config: ContainerConfig): Logging {
  return config.logging ?? context.logging;
}

/** With what is not said filled in. */
export function localLimits(logging: LocalLogging): {
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly mode: "blocking" | "non-blocking";
  readonly bufferBytes: number;
} {
  return {
    maxBytes: logging.maxSize ?? DEFAULT_MAX_BYTES,
    maxFiles: logging.maxFiles ?? DEFAULT_MAX_FILES,
    mode: logging.mode ?? "non-blocking",
    bufferBytes: logging.maxBufferSize ?? DEFAULT_BUFFER_BYTES,
  };
}
