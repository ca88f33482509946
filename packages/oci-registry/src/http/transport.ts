import type { IncomingHttpHeaders } from "node:http";

/** What a server is known by, and what is shown to it, beyond the system's certificate authorities. */
export interface TlsOptions {
  /** PEM. Replaces the system's authorities. */
  readonly ca?: readonly string[] | undefined;
  /** PEM. */
  readonly cert?: string | undefined;
  /** PEM. */
  readonly key?: string | undefined;
  /** Takes any certificate. */
  readonly skipVerify?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  readonly tls?: TlsOptions | undefined;
  /** The address came from a server, not from the user: connections to addresses inside of the host are refused. */
  readonly guarded?: boolean | undefined;
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
