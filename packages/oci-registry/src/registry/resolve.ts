import { RuntimeError } from "@voiyd/runtime-api";
import { digestOf, isDigest, parseDigest } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { member, parseJsonObject } from "../document/json-reader.js";
import { MAX_MANIFEST_BYTES } from "../document/limits.js";
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  isIndexType,
  isManifestType,
  isSchema1Type,
  OCI_INDEX,
  OCI_MANIFEST,
} from "../document/media-types.js";
import type { HttpResponse } from "../http/transport.js";
import type { Reference } from "../reference/reference.js";
import { formatReference } from "../reference/reference.js";
import { readLimited } from "../source/read-limited.js";
import { wrongDigest } from "../source/verify-stream.js";
import { answerFailure } from "./answer-failure.js";
import type { RegistryCall, RegistryClient } from "./registry-client.js";
import type { RegistryHost } from "./registry-host.js";

export const MANIFEST_ACCEPT: string = [DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, OCI_MANIFEST, OCI_INDEX, "*/*"].join(
  ", ",
);

/** Asks one server what a reference stands for: with HEAD, and with GET where HEAD does not tell everything. */
export async function resolveOn(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  const subject = formatReference(reference);
  const name = reference.digest ?? reference.tag ?? "latest";
  const call = (method: "GET" | "HEAD", kind: "manifests" | "blobs"): RegistryCall => ({
    host,
    method,
    path: `${reference.repository}/${kind}/${name}`,
    repository: reference.repository,
    headers: { accept: MANIFEST_ACCEPT },
    signal,
  });
  const retry = client.newRetry(signal);
  const head = await client.send(call("HEAD", "manifests"), retry);
  await head.discard();
  if (head.status === 200) {
    const descriptor = fromHeaders(head, reference, subject);
    if (descriptor !== undefined) return descriptor;
  }
  // A digest can be asked for where blobs are; some registries keep manifests there only.
  const kind = head.status === 404 && reference.digest !== undefined ? "blobs" : "manifests";
  const isFinal = head.status === 401 || head.status === 429 || (head.status === 404 && kind === "manifests");
  if (isFinal) throw await answerFailure(head, subject, client);
  const answer = await client.send(call("GET", kind), retry);
  if (answer.status !== 200) throw await answerFailure(answer, subject, client);
  return await fromBody(answer, reference, subject);
}

function fromHeaders({ headers }: HttpResponse, reference: Reference, subject: string): Descriptor | undefined {
  const mediaType = contentType(headers["content-type"]);
  if (isSchema1Type(mediaType)) throw schema1(subject);
  const said = headers["docker-content-digest"];
  const digest = typeof said === "string" && isDigest(said) ? said : reference.digest;
  const length = headers["content-length"];
  if (digest === undefined || length === undefined || !/^[0-9]{1,15}$/.test(length)) return undefined;
  if (!isManifestType(mediaType) && !isIndexType(mediaType)) return undefined;
  assertSize(Number(length), subject);
  if (reference.digest !== undefined && digest !== reference.digest) {
    // Another kind of digest may still be of the same bytes.
    if (parseDigest(digest)?.algorithm !== parseDigest(reference.digest)?.algorithm) return undefined;
    throw wrongDigest(reference.digest, digest);
  }
  return { mediaType, digest, size: Number(length) };
}

async function fromBody(response: HttpResponse, reference: Reference, subject: string): Promise<Descriptor> {
  const bytes = await readLimited(response.body, MAX_MANIFEST_BYTES);
  if (bytes === undefined) throw tooLarge(subject);
  const said = response.headers["docker-content-digest"];
  const expected = [reference.digest, typeof said === "string" ? said : undefined].filter(
    (item) => item !== undefined && isDigest(item),
  );
  for (const digest of expected) {
    if (digest === undefined) continue;
    const actual = digestOf(bytes, parseDigest(digest)?.algorithm);
    if (actual !== digest) throw wrongDigest(digest, actual);
  }
  const mediaType = typeOf(bytes, contentType(response.headers["content-type"]), subject);
  return { mediaType, digest: expected[0] ?? digestOf(bytes), size: bytes.length };
}

/** The media type by the header; else by the document itself, since some servers send all of them as JSON or as bytes. */
function typeOf(bytes: Uint8Array, header: string, subject: string): string {
  if (isSchema1Type(header)) throw schema1(subject);
  if (isManifestType(header) || isIndexType(header)) return header;
  const object = parseJsonObject(
    bytes,
    `the answer for ${subject} (${header === "" ? "without a type" : header})`,
    MAX_MANIFEST_BYTES,
  );
  const own = member(object, "mediaType");
  if (member(object, "schemaVersion") === 1) throw schema1(subject);
  if (typeof own === "string" && (isManifestType(own) || isIndexType(own))) return own;
  if (own === undefined && Array.isArray(member(object, "manifests"))) return OCI_INDEX;
  if (own === undefined && Array.isArray(member(object, "layers"))) return OCI_MANIFEST;
  throw new RuntimeError("IMAGE_INVALID", `${subject} is no image manifest or index`, {
    details: { mediaType: typeof own === "string" ? own.slice(0, 128) : header },
  });
}

function contentType(header: string | undefined): string {
  return (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function assertSize(size: number, subject: string): void {
  if (size > MAX_MANIFEST_BYTES) throw tooLarge(subject);
}

function tooLarge(subject: string): RuntimeError {
  return new RuntimeError(
    "IMAGE_INVALID",
    `${subject}: its manifest is larger than the ${String(MAX_MANIFEST_BYTES)} bytes that are read`,
  );
}

function schema1(subject: string): RuntimeError {
  return new RuntimeError("IMAGE_INVALID", `${subject} has Docker's schema 1, which was given up for security`, {
    hint: "push the image again with a current tool",
  });
}
