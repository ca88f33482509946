import type { Logging } from "../logging.js";
import { invalid } from "./invalid.js";
import { assertWhole } from "./number.js";
import { assertAbsolutePath } from "./path.js";

const DRIVERS = ["local", "file", "none", "binary"] as const;
/** A page: with less, a file would be put aside at nearly every line. */
const LEAST_BYTES = 4096;
/** What the times of a log can tell positions of. */
const MOST_BYTES = 2 ** 40;
const MOST_FILES = 100_000;

/** Throws `INVALID_ARGUMENT` for a way to log that there is not. */
export function assertLogging(logging: Logging | undefined): void {
  if (logging === undefined) return;
  if (!DRIVERS.includes(logging.driver)) throw invalid("logging.driver", logging.driver, "local, file, none or binary");
  if (logging.driver === "local") {
    assertWhole("logging.maxSize", logging.maxSize, LEAST_BYTES, MOST_BYTES, "a number of bytes");
    assertWhole("logging.maxFiles", logging.maxFiles, 1, MOST_FILES, "a number of files");
    assertWhole("logging.maxBufferSize", logging.maxBufferSize, LEAST_BYTES, MOST_BYTES, "a number of bytes");
    const mode: unknown = logging.mode;
    if (mode !== undefined && mode !== "blocking" && mode !== "non-blocking")
      throw invalid("logging.mode", mode, "blocking or non-blocking");
  }
  if (logging.driver === "binary") assertBinary(logging);
}

function assertBinary(logging: Extract<Logging, { driver: "binary" }>): void {
  assertAbsolutePath("logging.path", logging.path);
  for (const option of ["key", "value"] as const) {
    const text: unknown = logging[option];
    if (text !== undefined && (typeof text !== "string" || text.includes("\0")))
      throw invalid(`logging.${option}`, text, "a string without NUL");
  }
  if (logging.value !== undefined && (logging.key ?? "") === "")
    throw invalid("logging.value", logging.value, "given together with a key");
}
