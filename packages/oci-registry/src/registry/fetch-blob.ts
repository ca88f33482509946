import type { Descriptor } from "../document/descriptor.js";
import { isIndexType, isManifestType } from "../document/media-types.js";
import type { Retry } from "../http/retry-policy.js";
import type { HttpResponse } from "../http/transport.js";
import type { Reference } from "../reference/reference.js";
import { formatReference } from "../reference/reference.js";
import type { FetchOptions } from "../source/image-source.js";
import { wrongSize } from "../source/verify-stream.js";
import { answerFailure } from "./answer-failure.js";
import type { RegistryClient } from "./registry-client.js";
import type { RegistryHost } from "./registry-host.js";

/** With less than this, a connection that broke has not brought us forward: its attempt counts. In bytes. */
const WORTHWHILE = 64 * 1024;

/** A stream's place in a blob. It outlives the server that it was read from. */
export interface Position {
  value: number;
}

/**
 * Reads a blob from one server, from `position` on, which is moved along. Reconnects where a connection broke, as long
 * as that brings it forward. Whether the bytes are right is not judged here.
 */
export async function* fetchFrom(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  descriptor: Descriptor,
  position: Position,
  options: Pick<FetchOptions, "memory" | "signal">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const retry = client.newRetry(options.signal);
  while (position.value < descriptor.size) {
    const response = await open(client, host, reference, descriptor, position.value, options, retry);
    const start = position.value;
    try {
      for await (const chunk of skip(response.body, response.status === 206 ? 0 : start)) {
        position.value += chunk.length;
        if (position.value - start >= WORTHWHILE) retry.progressed();
        yield chunk;
      }
    } catch (error) {
      await retry.afterError(response.url, error);
      continue;
    }
    // An end that was announced is an end, too early or not. Only a part of a range may be followed by another.
    if (response.status !== 206 || position.value - start < WORTHWHILE) return;
  }
}

async function open(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  descriptor: Descriptor,
  offset: number,
  { memory, signal }: Pick<FetchOptions, "memory" | "signal">,
  retry: Retry,
): Promise<HttpResponse> {
  const { mediaType, digest, size } = descriptor;
  const kind = isManifestType(mediaType) || isIndexType(mediaType) ? "manifests" : "blobs";
  const response = await client.send(
    {
      host,
      method: "GET",
      path: `${reference.repository}/${kind}/${digest}`,
      repository: reference.repository,
      headers: { accept: `${mediaType}, */*`, ...(offset > 0 && { range: `bytes=${String(offset)}-` }) },
      memory,
      signal,
    },
    retry,
  );
  const wrong = judge(response, descriptor, offset);
  if (wrong === "answer") throw await answerFailure(response, `${formatReference(reference)} (${digest})`, client);
  if (wrong !== undefined) {
    await response.discard();
    throw wrongSize(descriptor, wrong, wrong > size ? "more than" : "not");
  }
  return response;
}

/** What is wrong with an answer: its kind, or the size that it announces for the whole blob. */
function judge({ status, headers }: HttpResponse, { size }: Descriptor, offset: number): "answer" | number | undefined {
  const range = /^bytes (?:([0-9]{1,15})-[0-9]{1,15}|\*)\/([0-9]{1,15}|\*)$/.exec(headers["content-range"] ?? "");
  const total = range?.[2] === undefined || range[2] === "*" ? undefined : Number(range[2]);
  if (status === 200) {
    const length = headers["content-length"];
    return length === undefined || Number(length) === size ? undefined : Number(length);
  }
  if (status === 416 && total !== undefined && total !== size) return total;
  if (status !== 206 || offset === 0 || Number(range?.[1]) !== offset) return "answer";
  return total === undefined || total === size ? undefined : total;
}

/** Leaves out the first `count` bytes: a server that does not know ranges sends everything again. */
async function* skip(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    if (skipped < chunk.length) yield skipped === 0 ? chunk : chunk.subarray(skipped);
  }
}
