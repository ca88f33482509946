import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { HeaderBlock } from "../http2/hpack/decoder.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { webHeaders } from "./response-header.js";

const OK = "0";
const CODES: ReadonlyMap<string, Code> = new Map(
  Object.values(Code).flatMap((code): [string, Code][] => (typeof code === "number" ? [[code.toString(), code]] : [])),
);

/** Whether this is the block of headers that ends the response: trailers, or a header that has no trailers behind it. */
export function hasStatus(block: HeaderBlock): boolean {
  return block["grpc-status"] !== undefined;
}

/**
 * The error that a block of headers ends a call with; undefined when there is none. `header`, where the block is a
 * trailer, adds its entries to the error's metadata.
 */
export function statusError(block: HeaderBlock, header: HeaderBlock = {}): ConnectError | undefined {
  const status = block["grpc-status"];
  if (status === undefined || status === OK) return undefined;
  const metadata = webHeaders(block, header);
  const code = CODES.get(status);
  if (code === undefined) return new ConnectError(`invalid grpc-status: ${status}`, Code.Internal, metadata);
  const error = new ConnectError(decodeText(block["grpc-message"] ?? ""), code, metadata);
  error.details = readDetails(block["grpc-status-details-bin"], code);
  return error;
}

/** Ends a response as it ought to end; throws what its trailer, or for want of one its header, says. */
export function checkEnd(header: HeaderBlock, trailer: HeaderBlock | undefined): void {
  const error = trailer === undefined ? undefined : statusError(trailer, header);
  if (error !== undefined) throw error;
  if (!hasStatus(header) && (trailer === undefined || !hasStatus(trailer))) {
    throw new ConnectError("protocol error: the response ends without a status", Code.Internal, webHeaders(header));
  }
}

/**
 * Percent-decodes UTF-8; a `%` that begins no byte stays as it is, so that no message is lost (PROTOCOL-HTTP2.md,
 * "Responses"). Header values are handed out byte by byte, as latin1.
 */
function decodeText(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What the server adds for programs. Broken details do not hide the status that they belong to. */
function readDetails(encoded: string | undefined, code: Code): ConnectError["details"] {
  if (encoded === undefined) return [];
  try {
    const status = fromBinary(StatusSchema, Uint8Array.from(Buffer.from(encoded, "base64")));
    if (status.code.toString() !== code.toString()) return [];
    return status.details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }));
  } catch {
    return [];
  }
}
