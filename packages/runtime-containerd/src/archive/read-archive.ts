import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { isDigest } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { hasContent } from "../content/read-content.js";
import { type StoredStream, storeStream } from "../content/store-stream.js";
import type { RuntimeContext } from "../context.js";
import { tarEntries } from "../snapshot/tar-entries.js";

type Options = { signal?: AbortSignal };

const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** An archive of images has a few files for each layer. */
const MAX_ENTRIES = 50_000;
const DOCUMENTS: readonly string[] = ["oci-layout", "index.json", "manifest.json"];

/** What an archive turned out to hold. Nothing of it has become a file: contents are in the content store, the rest is here. */
export interface ArchiveContents {
  /** `oci-layout`, `index.json` and `manifest.json`, those that are there. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** By the path in the archive. */
  readonly stored: ReadonlyMap<string, StoredStream>;
  /** Where a link leads, inside the archive. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Reads a tar archive, with or without gzip, once and in whatever order it is: blobs go straight to the content store,
 * verified where their path tells their digest. To be called under a lease. Throws `IMAGE_INVALID`, `DIGEST_MISMATCH`.
 */
export async function readArchive(
  context: RuntimeContext,
  archive: AsyncIterable<Uint8Array>,
  options: Options,
): Promise<ArchiveContents> {
  const documents = new Map<string, Uint8Array>();
  const stored = new Map<string, StoredStream>();
  const links = new Map<string, string>();
  let entries = 0;
  for await (const entry of tarEntries(await uncompressed(archive))) {
    options.signal?.throwIfAborted();
    entries += 1;
    if (entries > MAX_ENTRIES) throw invalidArchive(`has more than ${String(MAX_ENTRIES)} files`);
    const { path, kind, size } = entry;
    if (kind === "symlink" || kind === "hardlink") {
      // Followed inside of this table alone: no path of an archive is ever opened on the host.
      links.set(path, kind === "symlink" ? resolve(path, entry.link) : clean(entry.link));
    } else if (kind === "file" && DOCUMENTS.includes(path)) {
      const content = await entry.content(MAX_DOCUMENT_BYTES);
      if (content === undefined) throw invalidArchive(`has a ${path} of ${String(size)} bytes`);
      if (content.length < size) throw invalidArchive(`ends in the middle of ${path}`);
      documents.set(path, Uint8Array.from(content));
    } else if (kind === "file" && isBlobLike(path)) {
      const expected = digestIn(path);
      if (expected !== undefined && (await hasContent(context.client, expected, options))) {
        stored.set(path, { digest: expected, size, head: new Uint8Array() });
        continue;
      }
      stored.set(path, await storeStream(context.client, { chunks: entry.stream(), size, expected }, options));
    }
  }
  if (entries === 0) throw invalidArchive("is no tar archive, or an empty one");
  return { documents, stored, links };
}

/** The file behind a path, through at most a few links. */
export function find({ stored, links }: ArchiveContents, path: string): StoredStream | undefined {
  let name = clean(path);
  for (let hops = 0; hops < 8; hops += 1) {
    const found = stored.get(name);
    if (found !== undefined) return found;
    const next = links.get(name);
    if (next === undefined) return undefined;
    name = next;
  }
  return undefined;
}

export function invalidArchive(problem: string): RuntimeError {
  return new RuntimeError("IMAGE_INVALID", `the archive ${problem}`, {
    hint: "give an OCI image layout or the output of `docker save`, as tar",
  });
}

function isBlobLike(path: string): boolean {
  return digestIn(path) !== undefined || /^[^/]+\.(?:json|tar)$|^[^/]+\/layer\.tar$/.test(path);
}

function digestIn(path: string): string | undefined {
  const [, algorithm, hex] = /^blobs\/(sha256|sha512)\/([a-f0-9]+)$/.exec(path) ?? [];
  const digest = `${algorithm ?? ""}:${hex ?? ""}`;
  return isDigest(digest) ? digest : undefined;
}

function resolve(path: string, link: string): string {
  return clean(link.startsWith("/") ? link : `${path.split("/").slice(0, -1).join("/")}/${link}`);
}

function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** `docker save | gzip` is as common as it is without. */
async function uncompressed(archive: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks = archive[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) throw invalidArchive("is empty");
  const whole = rejoined(first.value, chunks);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return whole;
  const source = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip();
  source.once("error", (error) => gunzip.destroy(error));
  return gunzipped(source.pipe(gunzip));
}

async function* rejoined(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* gunzipped(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* stream;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
    if (code.startsWith("Z_")) throw invalidArchive("is damaged: its compression is broken");
    throw error;
  }
}
