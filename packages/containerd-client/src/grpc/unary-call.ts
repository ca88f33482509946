import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Call } from "./call.js";
import { faultFromReason, faultFromReset } from "./fault.js";
import { FrameDecoder } from "./frame-decoder.js";
import { endWithFrame } from "./frame-encoder.js";
import { abortError, watchPatience } from "./patience.js";
import { checkResponse } from "./response-header.js";
import { checkEnd, hasStatus, statusError } from "./status.js";

/** What came back from a unary call that succeeded. */
export interface UnaryAnswer {
  readonly header: IncomingHttpHeaders;
  readonly trailer: IncomingHttpHeaders;
  readonly message: Uint8Array;
}

/** Sends one message and resolves with the one that comes back. Rejects with a `ConnectError`. */
export function callUnary(call: Call, message: Uint8Array): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => {
    const aborted = abortError(call.signal);
    if (aborted !== undefined) {
      reject(aborted);
      return;
    }
    let stream: ClientHttp2Stream | undefined;
    let over = false;
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      unwatch();
      stream?.close(constants.NGHTTP2_CANCEL);
      reject(faultFromReason(error));
    };
    const unwatch = watchPatience(call, fail);
    call.session.request("POST", call.path, call.header).then((opened) => {
      opened.on("error", fail); // stays: an error that nobody listens to would end the process
      if (over) {
        opened.close(constants.NGHTTP2_CANCEL);
        return;
      }
      stream = opened;
      receive(opened, call.limits.readMaxBytes, fail, (answer) => {
        if (over) return;
        over = true;
        unwatch();
        // A server may answer before it has read everything; it need not read the rest.
        if (!opened.writableFinished) opened.close(constants.NGHTTP2_CANCEL);
        resolve(answer);
      });
      endWithFrame(opened, message);
    }, fail);
  });
}

function receive(
  stream: ClientHttp2Stream,
  maxBytes: number,
  fail: (error: unknown) => void,
  succeed: (answer: UnaryAnswer) => void,
): void {
  const decoder = new FrameDecoder(maxBytes);
  const messages: Uint8Array[] = [];
  let header: IncomingHttpHeaders | undefined;
  let trailer: IncomingHttpHeaders | undefined;
  let ended = false;
  /** Runs a step of the reception; whatever it throws ends the call. */
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      fail(error);
    }
  };
  stream.on("response", (received: IncomingHttpHeaders) => {
    header = received;
    attempt(() => {
      checkResponse(received);
    });
  });
  stream.on("trailers", (received: IncomingHttpHeaders) => {
    trailer = received;
  });
  stream.on("data", (chunk: Buffer) => {
    attempt(() => {
      messages.push(...decoder.decode(chunk));
    });
  });
  stream.on("end", () => {
    ended = true;
    attempt(() => {
      if (header === undefined || (trailer === undefined && !hasStatus(header))) throw faultFromReset(stream.rstCode);
      succeed(judge(header, trailer, messages, decoder));
    });
  });
  stream.on("close", () => {
    if (!ended) fail(faultFromReset(stream.rstCode));
  });
}

/** Throws unless the response is one message and a good status. */
function judge(
  header: IncomingHttpHeaders,
  trailer: IncomingHttpHeaders | undefined,
  messages: readonly Uint8Array[],
  decoder: FrameDecoder,
): UnaryAnswer {
  decoder.end();
  const [message] = messages;
  if (messages.length > 1)
    throw new ConnectError("protocol error: more than one message for a unary call", Code.Unimplemented);
  checkEnd(header, trailer);
  const early = statusError(header);
  if (message === undefined) {
    throw (
      early ??
      new ConnectError(
        "protocol error: no message for a unary call",
        trailer === undefined ? Code.Unknown : Code.Unimplemented,
      )
    );
  }
  if (early !== undefined) throw new ConnectError("protocol error: a message behind an error status", Code.Unknown);
  return { header, trailer: trailer ?? {}, message };
}
