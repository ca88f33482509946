import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import { digestOf } from "../digest/digest.js";
import type { Descriptor } from "../document/descriptor.js";

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** Answers a request itself, or calls `serve` for the honest answer. */
export type Fault = (request: SeenRequest, response: ServerResponse, serve: () => void) => void;

interface Script {
  readonly matches: (request: SeenRequest) => boolean;
  readonly fault: Fault;
  left: number;
}

interface Stored {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** A registry on loopback that is honest until it is told what to do wrong. */
export class FakeRegistry implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stored = new Map<string, Stored>();
  readonly #scripts: Script[] = [];
  readonly #uploads = new Map<string, Buffer>();
  /** Whether blobs can be mounted from other repositories. */
  mounts = true;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#receive(request, response);
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
    });
  }

  static async start(address = "127.0.0.1"): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    registry.#server.listen(0, address);
    await once(registry.#server, "listening");
    return registry;
  }

  get host(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the fake registry does not listen");
    return `127.0.0.1:${String(address.port)}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  blob(
    repository: string,
    content: string | Uint8Array,
    mediaType = "application/vnd.oci.image.layer.v1.tar",
  ): Descriptor {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const digest = digestOf(bytes);
    this.#stored.set(`/v2/${repository}/blobs/${digest}`, { bytes, mediaType: "application/octet-stream" });
    return { mediaType, digest, size: bytes.length };
  }

  manifest(repository: string, tag: string, document: object | Uint8Array, mediaType: string): Descriptor {
    const bytes = document instanceof Uint8Array ? document : new TextEncoder().encode(JSON.stringify(document));
    const digest = digestOf(bytes);
    for (const name of [tag, digest, digestOf(bytes, "sha512")])
      this.#stored.set(`/v2/${repository}/manifests/${name}`, { bytes, mediaType });
    return { mediaType, digest, size: bytes.length };
  }

  /** The next `times` requests that match get the fault. */
  script(matches: (request: SeenRequest) => boolean, fault: Fault, times = 1): void {
    this.#scripts.push({ matches, fault, left: times });
  }

  count(method: string, part: string): number {
    return this.requests.filter((request) => request.method === method && request.url.href.includes(part)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      const chunks: AsyncIterable<Uint8Array> = incoming;
      for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    } catch {
      // The client went away; what came is what it sent.
      if (incoming.method === "PATCH") this.#append(incoming.url ?? "/", Buffer.concat(parts));
      return;
    }
    const bytes = Buffer.concat(parts);
    const body = bytes.toString("utf8");
    const url = new URL(incoming.url ?? "/", `http://${this.host}`);
    const request: SeenRequest = { method: incoming.method ?? "", url, headers: incoming.headers, body, bytes };
    this.requests.push(request);
    const script = this.#scripts.find(({ left, matches }) => left > 0 && matches(request));
    const serve = (): void => {
      this.#serve(request, response);
    };
    if (script === undefined) serve();
    else {
      script.left -= 1;
      script.fault(request, response, serve);
    }
  }

  stored(path: string): Uint8Array | undefined {
    return this.#stored.get(path)?.bytes;
  }

  /** What has come of an upload, added to what came before. */
  #append(url: string, bytes: Uint8Array): void {
    const { pathname } = new URL(url, "http://x");
    this.#uploads.set(pathname, Buffer.concat([this.#uploads.get(pathname) ?? Buffer.alloc(0), bytes]));
  }

  #take(request: SeenRequest, response: ServerResponse): boolean {
    const { method, url, bytes, headers } = request;
    const answer = (status: number, more: Readonly<Record<string, string>> = {}): true => {
      response.writeHead(status, { "content-length": "0", ...more });
      response.end();
      return true;
    };
    const [, repository = ""] = /^\/v2\/(.+)\/(?:blobs\/uploads\/|manifests\/)/.exec(url.pathname) ?? [];
    if (method === "POST") {
      const [digest, from] = [url.searchParams.get("mount"), url.searchParams.get("from")];
      const source = this.#stored.get(`/v2/${String(from)}/blobs/${String(digest)}`);
      if (this.mounts && source !== undefined) {
        this.#stored.set(`/v2/${repository}/blobs/${String(digest)}`, source);
        return answer(201);
      }
      const location = `/v2/${repository}/blobs/uploads/${String(this.#uploads.size + 1)}`;
      this.#uploads.set(location, Buffer.alloc(0));
      return answer(202, { location: `${location}?state=kept` });
    }
    if (method === "GET" && this.#uploads.has(url.pathname)) {
      const length = this.#uploads.get(url.pathname)?.length ?? 0;
      return answer(204, { location: url.pathname, range: `0-${String(Math.max(length - 1, 0))}` });
    }
    if (method === "PATCH") {
      const start = Number(/^([0-9]+)-/.exec(headers["content-range"] ?? "")?.[1]);
      if (start !== (this.#uploads.get(url.pathname)?.length ?? -1)) return answer(416);
      this.#append(url.pathname, bytes);
      return answer(202, { location: url.pathname });
    }
    if (method === "PUT" && url.pathname.includes("/uploads/")) {
      this.#append(url.pathname, bytes);
      const whole = this.#uploads.get(url.pathname) ?? Buffer.alloc(0);
      const digest = digestOf(whole);
      if (digest !== url.searchParams.get("digest")) return answer(400);
      this.#uploads.delete(url.pathname);
      this.#stored.set(`/v2/${repository}/blobs/${digest}`, { bytes: whole, mediaType: "application/octet-stream" });
      return answer(201, { "docker-content-digest": digest });
    }
    if (method === "PUT") {
      const mediaType = headers["content-type"] ?? "";
      for (const path of [url.pathname, `/v2/${repository}/manifests/${digestOf(bytes)}`])
        this.#stored.set(path, { bytes, mediaType });
      return answer(201, { "docker-content-digest": digestOf(bytes) });
    }
    return false;
  }

  #serve(request: SeenRequest, response: ServerResponse): void {
    if (this.#take(request, response)) return;
    const { method, url, headers } = request;
    const stored = this.#stored.get(url.pathname);
    if (stored === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(
        method === "HEAD"
          ? undefined
          : JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }),
      );
      return;
    }
    const { bytes, mediaType } = stored;
    const from = Number(/^bytes=([0-9]+)-$/.exec(headers.range ?? "")?.[1] ?? Number.NaN);
    const part = Number.isNaN(from) ? bytes : bytes.subarray(from);
    response.writeHead(Number.isNaN(from) ? 200 : 206, {
      "content-type": mediaType,
      "content-length": String(part.length),
      "docker-content-digest": digestOf(bytes),
      ...(!Number.isNaN(from) && {
        "content-range": `bytes ${String(from)}-${String(bytes.length - 1)}/${String(bytes.length)}`,
      }),
    });
    response.end(method === "HEAD" ? undefined : part);
  }
}

export const isBlob = ({ method, url }: SeenRequest): boolean => method === "GET" && url.pathname.includes("/blobs/");
export const isManifest = ({ url }: SeenRequest): boolean => url.pathname.includes("/manifests/");
export const isHead = ({ method }: SeenRequest): boolean => method === "HEAD";
export const anything = (): boolean => true;
