/** The peer broke a rule of HTTP/2: the connection is over. `http2` is the error code that it is told (RFC 9113 §7). */
export class ProtocolError extends Error {
  /** As the system calls it; nobody who speaks gRPC does this. */
  readonly code = "EPROTO";
  readonly http2: number;

  constructor(http2: number, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.http2 = http2;
  }
}
