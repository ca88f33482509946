import { Code, ConnectError } from "@connectrpc/connect";
import { ERROR } from "../http2/protocol.js";

/** Codes of Node.js that say more than that something went wrong; everything else is `Internal`. */
const CODES: Readonly<Record<string, Code>> = {
  ERR_STREAM_WRITE_AFTER_END: Code.Aborted,
  ERR_STREAM_DESTROYED: Code.Aborted,
  ERR_HTTP2_INVALID_STREAM: Code.Aborted,
  ECONNRESET: Code.Aborted,
  ETIMEDOUT: Code.Unavailable,
  ECONNREFUSED: Code.Unavailable,
};

/** What Node.js failed with, as an error of a call, in the codes of Connect's own transport; the reason is its cause. */
export function faultFromReason(reason: unknown): ConnectError {
  if (reason instanceof ConnectError) return reason;
  const error = ConnectError.from(reason, codeFromChain(reason));
  error.cause = reason;
  return error;
}

function codeFromChain(reason: unknown): Code {
  const seen = new Set<unknown>();
  for (let error = reason; typeof error === "object" && error !== null && !seen.has(error);) {
    seen.add(error);
    const code = "code" in error ? error.code : undefined;
    const known = typeof code === "string" && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
    if (known !== undefined) return known;
    error = "cause" in error ? error.cause : undefined;
  }
  return Code.Internal;
}

/** What a stream failed with that the server reset before its status came (PROTOCOL-HTTP2.md, "Errors"). */
export function faultFromReset(resetCode: number): ConnectError {
  if (resetCode === ERROR.none) {
    return new ConnectError("protocol error: the response ends without a status", Code.Internal);
  }
  const code = resetCode === ERROR.cancel ? Code.Canceled : Code.Internal;
  return new ConnectError(`the HTTP/2 stream was reset with error code 0x${resetCode.toString(16)}`, code);
}
