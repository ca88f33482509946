import type { ConnectError } from "@connectrpc/connect";
import type { ClientStream } from "../http2/client-stream.js";
import type { HeaderBlock } from "../http2/hpack/decoder.js";
import { ERROR } from "../http2/protocol.js";
import type { StreamObserver } from "../http2/stream-observer.js";
import type { Call } from "./call.js";
import { cancelOnReturn } from "./cancel-on-return.js";
import { faultFromReason, faultFromReset } from "./fault.js";
import { type EncodedMessage, framed } from "./frame-encoder.js";
import { FrameDecoder } from "./frame-decoder.js";
import { abortError, watchPatience } from "./patience.js";
import { RequestPump } from "./request-pump.js";
import { appendHeaders, checkResponse, webHeaders } from "./response-header.js";
import { checkEnd, hasStatus, statusError } from "./status.js";

/** One streaming call. It ends by its status, by an error, by its signal or deadline, or by {@link StreamCall.cancel}. */
export class StreamCall<Input> implements StreamObserver {
  readonly #call: Call;
  readonly #pump: RequestPump<Input>;
  readonly #decoder: FrameDecoder;
  /** What has come and was not read yet; the window bounds it. */
  readonly #chunks: Buffer[] = [];
  #stream: ClientStream | undefined;
  #error: ConnectError | undefined;
  #over = false;
  #ended = false;
  #header: HeaderBlock = {};
  #trailer: HeaderBlock | undefined;
  #trailerHeaders: Headers | undefined;
  /** Resumes a reader that waits for something to change. */
  #wake: () => void = doNothing;
  #unwatch: () => void = doNothing;
  #resolveHeader: (header: HeaderBlock) => void = doNothing;
  #rejectHeader: (error: ConnectError) => void = doNothing;

  constructor(call: Call, input: AsyncIterable<Input>, encode: (message: Input) => EncodedMessage) {
    this.#call = call;
    this.#pump = new RequestPump(input, (message) => framed(encode(message)));
    this.#decoder = new FrameDecoder(call.limits.readMaxBytes);
  }

  /** Filled when the trailers arrive, before the last `read` returns. */
  get trailer(): Headers {
    return (this.#trailerHeaders ??= webHeaders(this.#trailer ?? {}));
  }

  /** Resolves with the response's header, while the request goes on being sent. Rejects with a `ConnectError`. */
  open(): Promise<HeaderBlock> {
    return new Promise((resolve, reject) => {
      this.#resolveHeader = resolve;
      this.#rejectHeader = reject;
      const aborted = abortError(this.#call.signal);
      if (aborted !== undefined) {
        this.#fail(aborted);
        return;
      }
      this.#unwatch = watchPatience(this.#call, (error) => {
        this.#fail(error);
      });
      try {
        const stream = this.#call.session.request(this.#call.header, this);
        this.#stream = stream;
        this.#pump.run(stream).catch((reason: unknown) => {
          this.#fail(reason);
        });
      } catch (reason) {
        this.#fail(reason);
      }
    });
  }

  /**
   * The messages of the response. Reads only as fast as it is iterated; ending the iteration early cancels the call.
   * Rejects with a `ConnectError`.
   */
  messages<Output>(decode: (message: Uint8Array) => Output): AsyncIterableIterator<Output> {
    return cancelOnReturn(this.#read(decode), () => {
      this.cancel();
    });
  }

  /** Ends the call; harmless when it has ended. */
  cancel(): void {
    this.#finish(undefined);
  }

  onHeader(block: HeaderBlock): void {
    this.#header = block;
    try {
      checkResponse(block);
      const early = statusError(block);
      if (early !== undefined) throw early;
      this.#resolveHeader(block);
    } catch (error) {
      this.#fail(error);
    }
  }

  onData(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#wake();
  }

  onTrailer(block: HeaderBlock): void {
    this.#trailer = block;
    if (this.#trailerHeaders !== undefined) appendHeaders(this.#trailerHeaders, block);
  }

  onEnd(): void {
    this.#ended = true;
    this.#wake();
  }

  onDrain(): void {
    this.#pump.wake();
  }

  onClose(reason: Error | undefined): void {
    this.#pump.wake();
    if (reason !== undefined || !this.#ended)
      this.#fail(reason ?? faultFromReset(this.#stream?.resetCode ?? ERROR.none));
  }

  async *#read<Output>(decode: (message: Uint8Array) => Output): AsyncGenerator<Output, undefined> {
    try {
      while (!this.#over) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#stream?.consumed(chunk.length);
          for (const message of this.#decoder.decode(chunk)) yield decode(message);
        } else if (this.#ended) break;
        else await this.#change();
      }
      if (this.#error === undefined && !this.#over) this.#checkEnd();
    } catch (reason) {
      this.#finish(faultFromReason(reason));
    } finally {
      this.#finish(undefined);
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #checkEnd(): void {
    this.#decoder.end();
    if (this.#trailer === undefined && !hasStatus(this.#header)) throw faultFromReset(ERROR.none);
    checkEnd(this.#header, this.#trailer);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #fail(reason: unknown): void {
    this.#finish(faultFromReason(reason));
  }

  #finish(error: ConnectError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#unwatch();
    const stream = this.#stream;
    if (stream !== undefined && !(this.#ended && stream.sentAll)) stream.reset(ERROR.cancel);
    this.#pump.stop(error);
    if (error !== undefined) this.#rejectHeader(error);
    this.#wake();
  }
}

function doNothing(): void {
  // Until there is something to do.
}
