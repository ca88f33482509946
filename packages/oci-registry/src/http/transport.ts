import type { IncomingHttpHeaders } from "node:http";

/** What a server is known by, and what is shown to it. Two that are equal share their connections. */
export interface TlsOptions {
  /** PEM. Trusted beside the authorities that Node.js trusts. */
  readonly ca?: readonly string[] | undefined;
  /** PEM; several for a server that chooses. */
  readonly cert?: string | readonly string[] | undefined;
  /** PEM, one for each `cert`. */
  readonly key?: string | readonly string[] | undefined;
  /** Takes any certificate. */
  readonly skipVerify?: boolean | undefined;
}

/** A body that is sent as it comes. */
export interface StreamedBody {
  /** In bytes. */
  readonly length: number;
  /** From the first byte on. Called for every attempt. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody | undefined;
  readonly tls?: TlsOptions | undefined;
  /** The longest time for a connection to come about, in milliseconds. As long as any other silence unless given. */
  readonly dialTimeoutMs?: number | undefined;
  /** The address came from a server, not from the user: connections to addresses inside of the host are refused. */
  readonly guarded?: boolean | undefined;
  /** Memory for the next piece of a large body, asked for when that is wanted: a transport may read straight into it. */
  readonly memory?: (() => Uint8Array) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  /** Where the answer came from in the end. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As on the wire. To be read once. Throws {@link StalledError} when nothing comes for too long. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Must be called for a body that is not read. Resolves when its connection is free again, or closed. Never rejects. */
  discard(): Promise<void>;
}

/** One request, one answer: no redirects, no retries. The seam under the client. */
export interface Transport extends AsyncDisposable {
  /** Rejects with Node's own error, a {@link StalledError}, a `RuntimeError`, or the signal's reason. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** Nothing came for `ms` milliseconds. */
export class StalledError extends Error {
  readonly code = "STALLED";

  constructor(ms: number) {
    super(`nothing came for ${String(ms)} ms`);
    this.name = "StalledError";
  }
}
