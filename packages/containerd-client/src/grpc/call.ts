import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import type { AbortHub } from "./abort-hub.js";
import type { MessageLimits } from "./message-limits.js";

/** An HTTP/2 connection that opens itself when it is needed. */
export interface GrpcSession {
  request(method: string, path: string, headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream>;
}

/** What a call is made of, beside its messages. */
export interface Call {
  readonly session: GrpcSession;
  readonly aborts: AbortHub;
  readonly path: string;
  readonly header: OutgoingHttpHeaders;
  readonly limits: MessageLimits;
  readonly signal: AbortSignal | undefined;
  /** The deadline, in milliseconds from now. */
  readonly timeoutMs: number | undefined;
}
