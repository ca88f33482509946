import type { Metadata } from "./metadata.js";

const CONTENT_TYPE = "application/grpc+proto";
const USER_AGENT = "voiyd-containerd-client";

/** gRPC allows eight digits (PROTOCOL-HTTP2.md, "Timeout"). */
const TIMEOUT_DIGITS_MAX = 99_999_999;

/**
 * The header of a gRPC request (PROTOCOL-HTTP2.md, "Requests"). The names of the protocol win over what the caller says;
 * binary metadata (`…-bin`) is expected in base64 already, as Connect's `encodeBinaryHeader` makes it.
 */
export function requestHeader(metadata: Metadata, timeoutMs: number | undefined): Record<string, string> {
  const header: Record<string, string> = {};
  for (const [name, value] of entries(metadata)) {
    // Names in lower case, as HTTP/2 wants them; several values of one name, joined.
    const key = name.toLowerCase();
    const before = header[key];
    header[key] = before === undefined ? value : `${before}, ${value}`;
  }
  header["content-type"] = CONTENT_TYPE;
  header["te"] = "trailers";
  header["user-agent"] ??= USER_AGENT;
  if (timeoutMs !== undefined) header["grpc-timeout"] = grpcTimeout(timeoutMs);
  return header;
}

/** The first use of the global `Headers` loads all of Node's `fetch`, ten megabytes of it: here it is not named. */
function entries(metadata: Metadata): Iterable<readonly [string, string]> {
  if (metadata === undefined) return [];
  return isIterable(metadata) ? metadata : Object.entries(metadata);
}

function isIterable(metadata: NonNullable<Metadata>): metadata is Iterable<[string, string]> & NonNullable<Metadata> {
  return Symbol.iterator in metadata;
}

/** A number of milliseconds, or of seconds or hours where milliseconds would need more than eight digits. */
export function grpcTimeout(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole <= TIMEOUT_DIGITS_MAX) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  if (seconds <= TIMEOUT_DIGITS_MAX) return `${seconds}S`;
  return `${Math.min(Math.ceil(seconds / 3600), TIMEOUT_DIGITS_MAX)}H`;
}
