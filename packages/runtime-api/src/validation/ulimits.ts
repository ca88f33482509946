import type { Ulimit } from "../security.js";
import { invalid } from "./invalid.js";
import { assertWholeOrUnlimited } from "./number.js";

/** `setrlimit(2)`: the names without `RLIMIT_`, in lower case. */
export const ULIMIT_NAMES: readonly string[] = [
  "as",
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

/** Throws `INVALID_ARGUMENT`. Whether the host allows a limit is for the runtime to find out. */
export function assertUlimits(ulimits: readonly Ulimit[]): void {
  const seen = new Set<string>();
  for (const [index, { name, soft, hard }] of ulimits.entries()) {
    const option = `ulimits[${String(index)}]`;
    if (!ULIMIT_NAMES.includes(name)) throw invalid(`${option}.name`, name, `one of ${ULIMIT_NAMES.join(", ")}`);
    if (seen.has(name)) throw invalid(`${option}.name`, name, "given once only");
    seen.add(name);
    assertWholeOrUnlimited(`${option}.soft`, soft, 0);
    assertWholeOrUnlimited(`${option}.hard`, hard, 0);
    if (hard !== -1 && (soft === -1 || soft > hard))
      throw invalid(`${option}.soft`, soft, `no more than the hard limit of ${String(hard)}`);
  }
}
