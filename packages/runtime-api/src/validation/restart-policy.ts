import type { RestartPolicy } from "../restart-policy.js";
import { invalid } from "./invalid.js";
import { assertWhole } from "./number.js";

const NAMES: readonly string[] = ["no", "on-failure", "always", "unless-stopped"];

/** Throws `INVALID_ARGUMENT`. */
export function assertRestartPolicy({ name, maxRetries }: RestartPolicy): void {
  if (!NAMES.includes(name)) throw invalid("restartPolicy.name", name, `one of ${NAMES.join(", ")}`);
  assertWhole("restartPolicy.maxRetries", maxRetries, 1, 2 ** 31 - 1);
  if (maxRetries !== undefined && name !== "on-failure") {
    throw invalid("restartPolicy.maxRetries", maxRetries, 'absent unless the policy is "on-failure"');
  }
}
