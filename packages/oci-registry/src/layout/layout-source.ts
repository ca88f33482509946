import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";
import { parseDigest } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";
import { member, parseJsonObject } from "../document/json-reader.js";
import { MAX_MANIFEST_BYTES } from "../document/limits.js";
import { parseIndex } from "../document/manifest.js";
import { OCI_INDEX } from "../document/media-types.js";
import type { Reference } from "../reference/reference.js";
import { formatReference } from "../reference/reference.js";
import type { FetchOptions, ImageSource, ResolveOptions } from "../source/image-source.js";
import { verifyStream, wrongSize } from "../source/verify-stream.js";
import { codeOf } from "../http/error-code.js";

const REF_NAME = "org.opencontainers.image.ref.name";
const CONTAINERD_NAME = "io.containerd.image.name";
const CHUNK_BYTES = 256 * 1024;

/**
 * An OCI image layout folder as a source of images: `oci-layout`, `index.json`, `blobs/<algorithm>/<hex>`.
 *
 * A reference finds the manifest with its digest; else one whose `org.opencontainers.image.ref.name` (or containerd's
 * `io.containerd.image.name`) is the whole reference or its tag; else the only one there is. Symbolic links in place of
 * blobs are refused. Throws nothing by itself: the folder is looked at when it is used.
 */
export function createLayoutSource(directory: string): ImageSource {
  return new LayoutSource(directory);
}

class LayoutSource implements ImageSource {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async resolve(reference: Reference, options: ResolveOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const marker = parseJsonObject(await this.#readFile("oci-layout"), "oci-layout", MAX_MANIFEST_BYTES);
    const version = member(marker, "imageLayoutVersion");
    if (typeof version !== "string" || !version.startsWith("1.")) {
      throw new RuntimeError("IMAGE_INVALID", `${this.#directory}: oci-layout does not name a layout version 1`);
    }
    const { manifests } = parseIndex(await this.#readFile("index.json"), OCI_INDEX);
    const found = find(manifests, reference);
    if (found !== undefined) return found;
    throw new RuntimeError(
      "IMAGE_NOT_FOUND",
      `${formatReference(reference)}: not in the image layout ${this.#directory}`,
      {
        hint: `the layout has ${String(manifests.length)} images; name one by its ${REF_NAME}, or by its digest`,
        details: { names: manifests.map((manifest) => manifest.annotations?.[REF_NAME] ?? manifest.digest) },
      },
    );
  }

  fetch(_reference: Reference, descriptor: Descriptor, options: FetchOptions = {}): AsyncIterable<Uint8Array> {
    return verifyStream(this.#readBlob(descriptor, options.offset ?? 0, options.signal), descriptor, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held between calls.
  }

  async *#readBlob(
    descriptor: Descriptor,
    offset: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    signal?.throwIfAborted();
    const digest = parseDigest(descriptor.digest);
    if (digest === undefined)
      throw new RuntimeError("IMAGE_INVALID", `${descriptor.digest} is not a sha256 or sha512 digest`);
    const file = await this.#open(join("blobs", digest.algorithm, digest.hex));
    try {
      const { size } = await file.stat();
      if (size !== descriptor.size) throw wrongSize(descriptor, size, "not");
      for (let position = offset; ;) {
        signal?.throwIfAborted();
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async #readFile(name: string): Promise<Uint8Array> {
    const file = await this.#open(name);
    try {
      const { size } = await file.stat();
      if (size > MAX_MANIFEST_BYTES) {
        throw new RuntimeError(
          "IMAGE_INVALID",
          `${name} has ${String(size)} bytes; at most ${String(MAX_MANIFEST_BYTES)} are read`,
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  async #open(name: string): Promise<FileHandle> {
    const path = join(this.#directory, name);
    let file: FileHandle;
    try {
      // Without NONBLOCK, a FIFO in place of a file would block a thread of the pool for ever.
      file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      throw unreadable(path, error);
    }
    const stat = await file.stat();
    if (stat.isFile()) return file;
    await file.close();
    throw new RuntimeError("IMAGE_INVALID", `${path} is not a regular file`);
  }
}

function find(manifests: readonly Descriptor[], reference: Reference): Descriptor | undefined {
  if (reference.digest !== undefined) return manifests.find((manifest) => manifest.digest === reference.digest);
  const full = formatReference(reference);
  const named = (name: string | undefined): Descriptor | undefined =>
    manifests.find(({ annotations }) => {
      const names = [annotations?.[REF_NAME], annotations?.[CONTAINERD_NAME]];
      return name !== undefined && names.includes(name);
    });
  return named(full) ?? named(reference.tag) ?? (manifests.length === 1 ? manifests[0] : undefined);
}

function unreadable(path: string, cause: unknown): RuntimeError {
  switch (codeOf(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return new RuntimeError("IMAGE_NOT_FOUND", `${path} does not exist`, {
        cause,
        hint: "name the folder of an OCI image layout",
      });
    case "EACCES":
    case "EPERM":
      return new RuntimeError("PERMISSION_DENIED", `${path} may not be read`, { cause });
    case "ELOOP":
      return new RuntimeError("IMAGE_INVALID", `${path} is a symbolic link`, { cause });
    default:
      return new RuntimeError("INTERNAL", `${path} could not be read`, { cause });
  }
}
