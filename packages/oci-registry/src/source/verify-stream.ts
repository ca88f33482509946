import { RuntimeError } from "@voiyd/runtime-api";
import { createDigester } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import type { FetchOptions } from "./image-source.js";

/**
 * Passes bytes on while it counts them, and hashes them where that is wanted and all of them come. Throws
 * `DIGEST_MISMATCH`, before any byte above the promised size.
 */
export async function* verifyStream(
  chunks: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  { offset = 0, verifyDigest = true }: Pick<FetchOptions, "offset" | "verifyDigest">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = offset === 0 && verifyDigest ? createDigester(descriptor.digest) : undefined;
  let position = offset;
  for await (const chunk of chunks) {
    position += chunk.length;
    if (position > descriptor.size) throw wrongSize(descriptor, position, "more than");
    digester?.update(chunk);
    yield chunk;
  }
  if (position !== descriptor.size) throw wrongSize(descriptor, position, "not");
  const actual = digester?.digest();
  if (actual !== undefined && actual !== descriptor.digest) throw wrongDigest(descriptor.digest, actual);
}

export function wrongSize(descriptor: Descriptor, actual: number, relation: "more than" | "not"): RuntimeError {
  return new RuntimeError(
    "DIGEST_MISMATCH",
    `${descriptor.digest}: ${String(actual)} bytes came, ${relation} the ${String(descriptor.size)} of its descriptor`,
    { details: { digest: descriptor.digest, expectedSize: descriptor.size, actualSize: actual } },
  );
}

export function wrongDigest(expected: string, actual: string): RuntimeError {
  return new RuntimeError("DIGEST_MISMATCH", `${expected}: the bytes that came have the digest ${actual}`, {
    hint: "the registry, or something between, changed the content; nothing of it was used",
    details: { digest: expected, actualDigest: actual },
  });
}
