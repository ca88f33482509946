import { RuntimeError } from "@voiyd/runtime-api";
import type { Descriptor } from "../document/descriptor.js";
import type { Retry } from "../http/retry-policy.js";
import type { HttpResponse } from "../http/transport.js";
import type { Reference } from "../reference/reference.js";
import type { BlobContent, PushBlobOptions, PushedBlob } from "../source/registry.js";
import { wrongDigest } from "../source/verify-stream.js";
import { answerFailure } from "./answer-failure.js";
import type { RegistryCall, RegistryClient } from "./registry-client.js";
import type { RegistryHost } from "./registry-host.js";

/** Another repository is asked for only so many times: each costs a request. */
const MOST_MOUNTS = 3;

/** Brings a blob to one server (distribution spec, "Pushing Blobs"). */
export async function pushBlobTo(
  client: RegistryClient,
  host: RegistryHost,
  reference: Reference,
  descriptor: Descriptor,
  content: BlobContent,
  options: PushBlobOptions,
): Promise<PushedBlob> {
  const upload = new Upload(client, host, reference, descriptor, content, options);
  if (await upload.exists()) return "existed";
  for (const from of (options.mountFrom ?? []).filter((name) => name !== reference.repository).slice(0, MOST_MOUNTS)) {
    if (await upload.mount(from)) return "mounted";
  }
  await upload.run();
  return "uploaded";
}

class Upload {
  readonly #client: RegistryClient;
  readonly #host: RegistryHost;
  readonly #reference: Reference;
  readonly #descriptor: Descriptor;
  readonly #content: BlobContent;
  readonly #options: PushBlobOptions;
  readonly #retry: Retry;
  /** Where the registry takes the bytes, once it has said so. */
  #location: URL | undefined;

  constructor(
    client: RegistryClient,
    host: RegistryHost,
    reference: Reference,
    descriptor: Descriptor,
    content: BlobContent,
    options: PushBlobOptions,
  ) {
    this.#client = client;
    this.#host = host;
    this.#reference = reference;
    this.#descriptor = descriptor;
    this.#content = content;
    this.#options = options;
    this.#retry = client.newRetry(options.signal);
  }

  async exists(): Promise<boolean> {
    const { repository } = this.#reference;
    const response = await this.#client.send(this.#call("HEAD", `${repository}/blobs/${this.#descriptor.digest}`));
    if (response.status !== 200 && response.status !== 404) throw await this.#failure(response);
    await response.discard();
    return response.status === 200;
  }

  /** A registry that cannot, or may not, mount opens an upload instead, which is then used. */
  async mount(from: string): Promise<boolean> {
    const { digest } = this.#descriptor;
    const response = await this.#client.send(
      this.#call("POST", `${this.#reference.repository}/blobs/uploads/`, {
        query: { mount: digest, from },
        readsToo: [from],
        headers: { "content-length": "0" },
      }),
    );
    await response.discard();
    if (response.status === 201) return true;
    if (response.status === 202) this.#location ??= this.#locationIn(response);
    return false;
  }

  /** Sends the bytes, and goes on where a connection broke, or begins anew where the registry has forgotten. */
  async run(): Promise<void> {
    let offset = 0;
    for (;;) {
      const location = (this.#location ??= await this.#begin());
      try {
        offset = await this.#send(location, offset);
        if (offset >= this.#descriptor.size) return;
      } catch (error) {
        await this.#retry.afterError(location, error);
        offset = await this.#resumePoint(location);
      }
    }
  }

  async #begin(): Promise<URL> {
    const response = await this.#client.send(
      this.#call("POST", `${this.#reference.repository}/blobs/uploads/`, { headers: { "content-length": "0" } }),
      this.#retry,
    );
    if (response.status !== 202) throw await this.#failure(response);
    await response.discard();
    return this.#locationIn(response);
  }

  /** Returns the new offset; that of the whole blob once the registry has closed the upload. */
  async #send(location: URL, offset: number): Promise<number> {
    const { size } = this.#descriptor;
    const { chunkBytes = Infinity } = this.#options;
    // From the start and in one piece: one request does it all.
    if (offset === 0 && size <= chunkBytes) {
      await this.#close(location, this.#piece(0, size));
      return size;
    }
    if (offset >= size) {
      await this.#close(location, undefined);
      return size;
    }
    const end = Math.min(offset + chunkBytes, size);
    const response = await this.#client.sendOnce(
      this.#call("PATCH", location, {
        headers: {
          "content-type": "application/octet-stream",
          "content-range": `${String(offset)}-${String(end - 1)}`,
        },
        body: this.#piece(offset, end),
      }),
    );
    if (await this.#retry.afterAnswer(response)) return this.#resumePoint(location);
    if (response.status !== 202) throw await this.#failure(response);
    await response.discard();
    this.#location = this.#locationIn(response);
    this.#retry.progressed();
    if (end < size) return end;
    await this.#close(this.#location, undefined);
    return size;
  }

  async #close(location: URL, body: RegistryCall["body"]): Promise<void> {
    const { digest } = this.#descriptor;
    const url = new URL(location);
    url.searchParams.set("digest", digest);
    const headers = body === undefined ? { "content-length": "0" } : { "content-type": "application/octet-stream" };
    const response = await this.#client.sendOnce(this.#call("PUT", url, { headers, body }));
    if (response.status >= 500 && (await this.#retry.afterAnswer(response))) {
      this.#location = undefined;
      return this.run();
    }
    if (response.status !== 201 && response.status !== 204) throw await this.#failure(response);
    await response.discard();
    const said = response.headers["docker-content-digest"];
    if (typeof said === "string" && said.startsWith(digest.slice(0, 7)) && said !== digest)
      throw wrongDigest(digest, said);
  }

  /** How far the registry has it. What it does not know any more is begun anew. */
  async #resumePoint(location: URL): Promise<number> {
    const response = await this.#client.send(this.#call("GET", location), this.#retry);
    await response.discard();
    const end = /^(?:bytes=)?0-([0-9]{1,15})$/.exec(response.headers["range"] ?? "")?.[1];
    if (response.status !== 204 || end === undefined) {
      this.#location = undefined;
      return 0;
    }
    this.#location = this.#locationIn(response, location);
    // `0-0` is what registries say of nothing as well as of one byte.
    return end === "0" ? 0 : Math.min(Number(end) + 1, this.#descriptor.size);
  }

  #piece(start: number, end: number): RegistryCall["body"] {
    return {
      length: end - start,
      open: () => counted(limited(this.#content.open(start), end - start), start, this.#options.onBytes),
    };
  }

  /** Where an upload goes on; it may be relative, and elsewhere, but not from HTTPS to plain HTTP. */
  #locationIn(response: HttpResponse, fallback?: URL): URL {
    const { location } = response.headers;
    if (location === undefined && fallback !== undefined) return fallback;
    if (location === undefined || !URL.canParse(location, response.url.href)) {
      throw new RuntimeError("REGISTRY_ERROR", `${this.#host.url.host} does not say where it takes the upload`);
    }
    const url = new URL(location, response.url);
    const isPlain = url.protocol === "http:" && this.#host.url.protocol === "https:";
    if ((url.protocol !== "https:" && url.protocol !== "http:") || isPlain) {
      throw new RuntimeError("REGISTRY_ERROR", `${this.#host.url.host} wants the upload sent over ${url.protocol}`, {
        details: { reason: "redirect", host: this.#host.url.host },
      });
    }
    return url;
  }

  #call(method: RegistryCall["method"], path: string | URL, more: Partial<RegistryCall> = {}): RegistryCall {
    const { repository } = this.#reference;
    return { host: this.#host, method, path, repository, actions: "pull,push", signal: this.#options.signal, ...more };
  }

  #failure(response: HttpResponse): Promise<RuntimeError> {
    const { registry, repository } = this.#reference;
    return answerFailure(response, `${registry}/${repository} (${this.#descriptor.digest})`, this.#client, "push");
  }
}

async function* limited(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of chunks) {
    if (left <= 0) return;
    const piece = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= piece.length;
    yield piece;
    if (left === 0) return;
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  onBytes: ((sent: number) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = start;
  for await (const chunk of chunks) {
    yield chunk;
    sent += chunk.length;
    onBytes?.(sent);
  }
}
