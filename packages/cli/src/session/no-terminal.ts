import { UsageError } from "../command-line/usage-error.js";

/** What Docker says, so that scripts and people know it again. */
export function noTerminal(): UsageError {
  return new UsageError("the input device is not a TTY", "leave -t out, or run it in a terminal");
}
