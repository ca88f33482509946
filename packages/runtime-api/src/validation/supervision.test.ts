import { expect, test } from "@jest/globals";
import type { HealthCheck } from "../health.js";
import type { RestartPolicy } from "../restart-policy.js";
import { isRuntimeError } from "../runtime-error.js";
import { assertHealthCheck } from "./health-check.js";
import { assertRestartPolicy } from "./restart-policy.js";

/** The option that is refused, or `accepted`. */
function outcome(assert: () => void): unknown {
  try {
    assert();
    return "accepted";
  } catch (error) {
    return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
  }
}

const WEEK_MS = 7 * 24 * 3_600_000;

test.each<[HealthCheck, string]>([
  [{}, "accepted"],
  [{ test: ["NONE"] }, "accepted"],
  [{ test: ["CMD", "check"] }, "accepted"],
  [{ test: ["CMD", "check", "", "a b"] }, "accepted"],
  [{ test: ["CMD-SHELL", "check || exit 1"] }, "accepted"],
  [{ intervalMs: 1, timeoutMs: WEEK_MS, startIntervalMs: 1, startPeriodMs: 0, retries: 1, restart: true }, "accepted"],
  [{ test: [] }, "healthCheck.test"],
  [{ test: ["CMD"] }, "healthCheck.test"],
  [{ test: ["NONE", "check"] }, "healthCheck.test"],
  [{ test: ["CMD-SHELL"] }, "healthCheck.test"],
  [{ test: ["CMD-SHELL", "check", "-v"] }, "healthCheck.test"],
  [{ test: ["cmd", "check"] }, "healthCheck.test"],
  [{ test: ["check"] }, "healthCheck.test"],
  [{ test: ["CMD", "che\0ck"] }, "healthCheck.test"],
  [{ intervalMs: 0 }, "healthCheck.intervalMs"],
  [{ timeoutMs: 0.5 }, "healthCheck.timeoutMs"],
  [{ startIntervalMs: -1 }, "healthCheck.startIntervalMs"],
  [{ startPeriodMs: WEEK_MS + 1 }, "healthCheck.startPeriodMs"],
  [{ retries: 0 }, "healthCheck.retries"],
  [{ retries: Number.NaN }, "healthCheck.retries"],
])("a health check of %j: %s", (check, expected) => {
  expect(
    outcome(() => {
      assertHealthCheck(check);
    }),
  ).toBe(expected);
});

test.each<[RestartPolicy, string]>([
  [{ name: "no" }, "accepted"],
  [{ name: "always" }, "accepted"],
  [{ name: "unless-stopped" }, "accepted"],
  [{ name: "on-failure" }, "accepted"],
  [{ name: "on-failure", maxRetries: 1 }, "accepted"],
  [{ name: "on-failure", maxRetries: 2 ** 31 - 1 }, "accepted"],
  [{ name: "on-failure", maxRetries: 0 }, "restartPolicy.maxRetries"],
  [{ name: "on-failure", maxRetries: 1.5 }, "restartPolicy.maxRetries"],
  [{ name: "on-failure", maxRetries: 2 ** 31 }, "restartPolicy.maxRetries"],
  [{ name: "always", maxRetries: 3 }, "restartPolicy.maxRetries"],
  [{ name: "no", maxRetries: 3 }, "restartPolicy.maxRetries"],
])("a restart policy of %j: %s", (policy, expected) => {
  expect(
    outcome(() => {
      assertRestartPolicy(policy);
    }),
  ).toBe(expected);
});

test("a restart policy of a name that is none is refused, whatever its type says", () => {
  const said: string = "toString";
  const no: RestartPolicy = { name: "no" };
  const policy: RestartPolicy = Object.assign({}, no, { name: said });
  expect(
    outcome(() => {
      assertRestartPolicy(policy);
    }),
  ).toBe("restartPolicy.name");
});
