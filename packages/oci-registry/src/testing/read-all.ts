import { isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeError } from "@voiyd/runtime-api";

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** The typed error that a promise rejects with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<RuntimeError> {
  try {
    await promise;
  } catch (error) {
    if (isRuntimeError(error)) return error;
    throw error;
  }
  throw new Error("expected a rejection");
}
