import { Code, ConnectError } from "@connectrpc/connect";
import type { HeaderBlock } from "../http2/hpack/decoder.js";

const CONTENT_TYPE = /^application\/grpc(?:\+proto)?(?:;.*)?$/i;

/** A block of headers as the Headers that Connect hands out; pseudo headers (`:status`) are left out. */
export function webHeaders(...sources: readonly HeaderBlock[]): Headers {
  const headers = new Headers();
  for (const source of sources) appendHeaders(headers, source);
  return headers;
}

/** Adds what `source` says to `headers`. */
export function appendHeaders(headers: Headers, source: HeaderBlock): void {
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || name.startsWith(":")) continue;
    headers.append(name, value);
  }
}

/** Throws unless this is how a gRPC response begins (PROTOCOL-HTTP2.md, "Responses"). */
export function checkResponse(header: HeaderBlock): void {
  const status = Number(header[":status"]);
  if (status !== 200) throw new ConnectError(`HTTP ${status}`, codeFromHttpStatus(status), webHeaders(header));
  const type = header["content-type"];
  if (type === undefined || !CONTENT_TYPE.test(type)) {
    throw new ConnectError(`the content type is not gRPC's: ${String(type)}`, Code.Unknown);
  }
  const encoding = header["grpc-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new ConnectError(`unsupported encoding of the response: ${encoding}`, Code.Internal, webHeaders(header));
  }
}

/** What a proxy or another server means by its HTTP status (grpc's http-grpc-status-mapping.md). */
function codeFromHttpStatus(status: number): Code {
  switch (status) {
    case 400:
      return Code.Internal;
    case 401:
      return Code.Unauthenticated;
    case 403:
      return Code.PermissionDenied;
    case 404:
      return Code.Unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code.Unavailable;
    default:
      return Code.Unknown;
  }
}
