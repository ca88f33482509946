import { fail, ok, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import { isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeError, RuntimeErrorCode } from "@voiyd/runtime-api";

/** The rejection of `promise`. Fails when it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => fail("resolved, where it must reject"),
    (error: unknown) => error,
  );
}

/**
 * Fails unless `promise` rejects with a RuntimeError with one of these codes that says something and, where
 * `mentioned` is given, holds these texts in its message or its details.
 */
export async function rejectsWith(
  codes: RuntimeErrorCode | readonly RuntimeErrorCode[],
  promise: Promise<unknown>,
  mentioned: readonly string[] = [],
): Promise<RuntimeError> {
  const error = await rejectionOf(promise);
  if (!isRuntimeError(error)) return fail(`rejected with something that is not a RuntimeError: ${inspect(error)}`);
  const allowed = typeof codes === "string" ? [codes] : codes;
  ok(
    allowed.includes(error.code),
    `rejected with ${error.code} and not with ${allowed.join(" or ")}: ${error.message}`,
  );
  ok(error.message.trim() !== "", "the error has no message");
  const told = `${error.message}\n${JSON.stringify(error.details)}`;
  for (const text of mentioned) ok(told.includes(text), `the error does not tell ${inspect(text)}: ${told}`);
  return error;
}

/** Fails unless `promise` rejects with exactly this abort reason. */
export async function rejectsWithReason(reason: unknown, promise: Promise<unknown>): Promise<void> {
  strictEqual(await rejectionOf(promise), reason, "the rejection is not the reason of the abort");
}
