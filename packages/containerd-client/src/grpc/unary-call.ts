import { Code, ConnectError } from "@connectrpc/connect";
import type { ClientStream } from "../http2/client-stream.js";
import type { HeaderBlock } from "../http2/hpack/decoder.js";
import { ERROR } from "../http2/protocol.js";
import type { StreamObserver } from "../http2/stream-observer.js";
import type { Call } from "./call.js";
import { faultFromReason, faultFromReset } from "./fault.js";
import { FrameDecoder } from "./frame-decoder.js";
import { framed } from "./frame-encoder.js";
import { abortError, watchPatience } from "./patience.js";
import { checkResponse } from "./response-header.js";
import { checkEnd, hasStatus, statusError } from "./status.js";

/** What came back from a unary call that succeeded. */
export interface UnaryAnswer {
  readonly header: HeaderBlock;
  readonly trailer: HeaderBlock;
  readonly message: Uint8Array;
}

/** Sends one message and resolves with the one that comes back. Rejects with a `ConnectError`. */
export function callUnary(call: Call, message: Uint8Array): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => {
    const aborted = abortError(call.signal);
    if (aborted === undefined) new UnaryCall(call, resolve, reject).start(message);
    else reject(aborted);
  });
}

class UnaryCall implements StreamObserver {
  readonly #call: Call;
  readonly #resolve: (answer: UnaryAnswer) => void;
  readonly #reject: (error: ConnectError) => void;
  readonly #decoder: FrameDecoder;
  readonly #messages: Uint8Array[] = [];
  #stream: ClientStream | undefined;
  #header: HeaderBlock | undefined;
  #trailer: HeaderBlock | undefined;
  #over = false;
  #unwatch: () => void = () => undefined;

  constructor(call: Call, resolve: (answer: UnaryAnswer) => void, reject: (error: ConnectError) => void) {
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#decoder = new FrameDecoder(call.limits.readMaxBytes);
  }

  start(message: Uint8Array): void {
    this.#unwatch = watchPatience(this.#call, (error) => {
      this.#fail(error);
    });
    this.#attempt(() => {
      this.#stream = this.#call.session.request(this.#call.header, this);
      this.#stream.send(framed({ bytes: message }), true);
    });
  }

  onHeader(block: HeaderBlock): void {
    this.#header = block;
    this.#attempt(() => {
      checkResponse(block);
    });
  }

  onData(bytes: Buffer): void {
    this.#stream?.consumed(bytes.length);
    this.#attempt(() => {
      this.#messages.push(...this.#decoder.decode(bytes));
    });
  }

  onTrailer(block: HeaderBlock): void {
    this.#trailer = block;
  }

  onEnd(): void {
    this.#attempt(() => {
      const answer = judge(this.#header, this.#trailer, this.#messages, this.#decoder);
      this.#end();
      this.#resolve(answer);
    });
  }

  onDrain(): void {
    // All of the request was given at once.
  }

  onClose(reason: Error | undefined): void {
    // Each call's stream closes; an error is made for those alone that had no end.
    if (!this.#over) this.#fail(reason ?? faultFromReset(this.#stream?.resetCode ?? ERROR.none));
  }

  /** Runs a step of the call; whatever it throws ends the call. */
  #attempt(step: () => void): void {
    if (this.#over) return;
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#end();
    this.#reject(faultFromReason(error));
  }

  /** A server may answer before it has read everything; it need not read the rest. */
  #end(): void {
    this.#over = true;
    this.#unwatch();
    const stream = this.#stream;
    if (stream !== undefined && !(stream.sentAll && stream.receivedAll)) stream.reset(ERROR.cancel);
  }
}

/** Throws unless the response is one message and a good status. */
function judge(
  header: HeaderBlock | undefined,
  trailer: HeaderBlock | undefined,
  messages: readonly Uint8Array[],
  decoder: FrameDecoder,
): UnaryAnswer {
  if (header === undefined || (trailer === undefined && !hasStatus(header))) throw faultFromReset(ERROR.none);
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
