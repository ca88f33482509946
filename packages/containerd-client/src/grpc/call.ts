import type { ClientStream } from "../http2/client-stream.js";
import type { HeaderList } from "../http2/connection.js";
import type { StreamObserver } from "../http2/stream-observer.js";
import type { AbortHub } from "./abort-hub.js";
import type { MessageLimits } from "./message-limits.js";

/** An HTTP/2 connection that opens itself when it is needed. */
export interface GrpcSession {
  /**
   * Begins a request, whose course is told to the observer from the next turn on. Throws a `TypeError` for headers that
   * cannot be sent.
   */
  request(headers: HeaderList, observer: StreamObserver): ClientStream;
}

/** What a call is made of, beside its messages. */
export interface Call {
  readonly session: GrpcSession;
  readonly aborts: AbortHub;
  /** Of the request, from the pseudo headers on. */
  readonly header: HeaderList;
  readonly limits: MessageLimits;
  readonly signal: AbortSignal | undefined;
  /** The deadline, in milliseconds from now. */
  readonly timeoutMs: number | undefined;
}
