import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { BuiltImage } from "@voiyd/harness";

export type Kind = "head" | "manifest" | "config" | "layer" | "token" | "other";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly kind: Kind;
  /** The bytes of the honest answer; empty when there is none. */
  readonly bytes: Buffer;
  /** Where the answer is asked to begin. */
  readonly from: number;
}

/** Answers itself, or calls `serve` for the honest answer. */
export type Misdeed = (asked: Asked, response: ServerResponse, serve: () => void) => void;

interface Stored {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly kind: Kind;
}

interface Script {
  readonly kind: Kind | "any";
  readonly misdeed: Misdeed;
  left: number;
}

/** A registry on loopback that is honest until it is told what to do wrong. */
export class MisbehavingRegistry implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stored = new Map<string, Stored>();
  #scripts: Script[] = [];
  /** Every request goes here first; false when it was answered. */
  guard: (asked: Asked, response: ServerResponse) => boolean = () => true;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request, response);
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
    });
  }

  static async start(): Promise<MisbehavingRegistry> {
    const registry = new MisbehavingRegistry();
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    return registry;
  }

  get host(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the registry does not listen");
    return `127.0.0.1:${String(address.port)}`;
  }

  /** Bytes of answers are put under a path; resolves with their digest. */
  put(
    repository: string,
    name: string | undefined,
    mediaType: string,
    content: Uint8Array | object,
    kind: Kind,
  ): string {
    const bytes = content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(JSON.stringify(content));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const folder = kind === "manifest" ? "manifests" : "blobs";
    for (const item of [digest, ...(name === undefined ? [] : [name])])
      this.#stored.set(`/v2/${repository}/${folder}/${item}`, { bytes, mediaType, kind });
    return digest;
  }

  remove(repository: string, digest: string): void {
    for (const folder of ["manifests", "blobs"]) this.#stored.delete(`/v2/${repository}/${folder}/${digest}`);
  }

  /** Serves an OCI layout under a repository, its image as `latest`. */
  async serve(repository: string, image: BuiltImage): Promise<void> {
    const folder = join(image.directory, "blobs/sha256");
    const manifests = new Map(
      [image.target, ...image.manifests.map(({ manifest }) => manifest)].map((item) => [item.digest, item.mediaType]),
    );
    const configs = new Set(image.manifests.map(({ config }) => config.digest));
    for (const hex of await readdir(folder)) {
      const digest = `sha256:${hex}`;
      const bytes = await readFile(join(folder, hex));
      const type = manifests.get(digest);
      if (type !== undefined)
        this.put(repository, digest === image.target.digest ? "latest" : undefined, type, bytes, "manifest");
      else this.put(repository, undefined, "application/octet-stream", bytes, configs.has(digest) ? "config" : "layer");
    }
  }

  /** The next `times` requests of a kind get the misdeed. */
  script(kind: Kind | "any", misdeed: Misdeed, times = 1): void {
    this.#scripts.push({ kind, misdeed, left: times });
  }

  forget(): void {
    this.#scripts = [];
    this.#stored.clear();
    this.asked.length = 0;
    this.guard = () => true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const url = new URL(request.url ?? "/", `http://${this.host}`);
    const stored = this.#stored.get(url.pathname);
    const method = request.method ?? "GET";
    const kind: Kind = url.pathname === "/token" ? "token" : method === "HEAD" ? "head" : (stored?.kind ?? "other");
    const asked: Asked = {
      method,
      url,
      headers: request.headers,
      kind,
      bytes: stored?.bytes ?? Buffer.alloc(0),
      from: Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0),
    };
    this.asked.push(asked);
    if (!this.guard(asked, response)) return;
    const script = this.#scripts.find((item) => item.left > 0 && (item.kind === kind || item.kind === "any"));
    const serve = (): void => {
      answer(asked, stored, response);
    };
    if (script === undefined) {
      serve();
      return;
    }
    script.left -= 1;
    script.misdeed(asked, response, serve);
  }
}

function answer(asked: Asked, stored: Stored | undefined, response: ServerResponse): void {
  if (stored === undefined) {
    const text = JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown" }] });
    response.writeHead(404, { "content-type": "application/json" });
    response.end(asked.method === "HEAD" ? undefined : text);
    return;
  }
  const { bytes, mediaType } = stored;
  const part = bytes.subarray(asked.from);
  response.writeHead(asked.from > 0 ? 206 : 200, {
    "content-type": mediaType,
    "content-length": String(part.length),
    "docker-content-digest": `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    ...(asked.from > 0 && {
      "content-range": `bytes ${String(asked.from)}-${String(bytes.length - 1)}/${String(bytes.length)}`,
    }),
  });
  response.end(asked.method === "HEAD" ? undefined : part);
}
