import type { OutgoingHttpHeaders } from "node:http2";

const CONTENT_TYPE = "application/grpc+proto";
const USER_AGENT = "voiyd-containerd-client";

/** gRPC allows eight digits (PROTOCOL-HTTP2.md, "Timeout"). */
const TIMEOUT_DIGITS_MAX = 99_999_999;

/**
 * The header of a gRPC request (PROTOCOL-HTTP2.md, "Requests"). The names of the protocol win over what the caller says;
 * binary metadata (`…-bin`) is expected in base64 already, as Connect's `encodeBinaryHeader` makes it.
 */
export function requestHeader(metadata: HeadersInit | undefined, timeoutMs: number | undefined): OutgoingHttpHeaders {
  const header: OutgoingHttpHeaders = {};
  if (metadata !== undefined) {
    if (metadata instanceof Headers) copyHeaders(metadata, header);
    else copyHeaders(new Headers(metadata), header);
  }
  header["content-type"] = CONTENT_TYPE;
  header["te"] = "trailers";
  header["user-agent"] ??= USER_AGENT;
  if (timeoutMs !== undefined) header["grpc-timeout"] = grpcTimeout(timeoutMs);
  return header;
}

function copyHeaders(metadata: Headers, header: OutgoingHttpHeaders): void {
  // Names come in lower case, as HTTP/2 wants them; several values of one name come joined.
  metadata.forEach((value, name) => {
    header[name] = value;
  });
}

/** A number of milliseconds, or of seconds or hours where milliseconds would need more than eight digits. */
export function grpcTimeout(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole <= TIMEOUT_DIGITS_MAX) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  if (seconds <= TIMEOUT_DIGITS_MAX) return `${seconds}S`;
  return `${Math.min(Math.ceil(seconds / 3600), TIMEOUT_DIGITS_MAX)}H`;
}
