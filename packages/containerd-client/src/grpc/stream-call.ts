import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import type { ConnectError } from "@connectrpc/connect";
import type { Call } from "./call.js";
import { cancelOnReturn } from "./cancel-on-return.js";
import { faultFromReason, faultFromReset } from "./fault.js";
import type { EncodedMessage } from "./frame-encoder.js";
import { FrameDecoder } from "./frame-decoder.js";
import { abortError, watchPatience } from "./patience.js";
import { RequestPump } from "./request-pump.js";
import { appendHeaders, checkResponse, webHeaders } from "./response-header.js";
import { checkEnd, hasStatus, statusError } from "./status.js";

/** One streaming call. It ends by its status, by an error, by its signal or deadline, or by {@link StreamCall.cancel}. */
export class StreamCall<Input> {
  readonly #call: Call;
  readonly #pump: RequestPump<Input>;
  readonly #decoder: FrameDecoder;
  #stream: ClientHttp2Stream | undefined;
  #error: ConnectError | undefined;
  #over = false;
  #ended = false;
  #header: IncomingHttpHeaders = {};
  #trailer: IncomingHttpHeaders | undefined;
  #trailerHeaders: Headers | undefined;
  /** Resumes a reader that waits for something to change. */
  #wake: () => void = doNothing;
  #unwatch: () => void = doNothing;
  #rejectHeader: (error: ConnectError) => void = doNothing;

  constructor(call: Call, input: AsyncIterable<Input>, encode: (message: Input) => EncodedMessage) {
    this.#call = call;
    this.#pump = new RequestPump(input, encode);
    this.#decoder = new FrameDecoder(call.limits.readMaxBytes);
  }

  /** Filled when the trailers arrive, before the last `read` returns. */
  get trailer(): Headers {
    return (this.#trailerHeaders ??= webHeaders(this.#trailer ?? {}));
  }

  /** Resolves with the response's header, while the request goes on being sent. Rejects with a `ConnectError`. */
  open(): Promise<IncomingHttpHeaders> {
    return new Promise((resolve, reject) => {
      this.#rejectHeader = reject;
      const fail = (reason: unknown): void => {
        this.#finish(faultFromReason(reason));
      };
      const aborted = abortError(this.#call.signal);
      if (aborted !== undefined) {
        fail(aborted);
        return;
      }
      this.#unwatch = watchPatience(this.#call, fail);
      this.#call.session.request("POST", this.#call.path, this.#call.header).then((stream) => {
        stream.on("error", fail); // stays: an error that nobody listens to would end the process
        if (this.#over) {
          stream.close(constants.NGHTTP2_CANCEL);
          return;
        }
        this.#stream = stream;
        this.#listen(stream, resolve, fail);
        this.#pump.run(stream).catch(fail);
      }, fail);
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

  async *#read<Output>(decode: (message: Uint8Array) => Output): AsyncGenerator<Output, undefined> {
    try {
      while (!this.#ended || this.#stream?.readableLength !== 0) {
        const chunk: unknown = this.#over ? null : this.#stream?.read();
        if (Buffer.isBuffer(chunk)) for (const message of this.#decoder.decode(chunk)) yield decode(message);
        else if (this.#over) break;
        else if (!this.#ended) await this.#change();
      }
      if (this.#error === undefined && !this.#over) this.#checkEnd();
    } catch (reason) {
      this.#finish(faultFromReason(reason));
    } finally {
      this.#finish(undefined);
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #listen(
    stream: ClientHttp2Stream,
    resolve: (header: IncomingHttpHeaders) => void,
    fail: (reason: unknown) => void,
  ): void {
    const wake = (): void => {
      this.#wake();
    };
    stream.on("response", (header: IncomingHttpHeaders) => {
      this.#header = header;
      try {
        checkResponse(header);
        const early = statusError(header);
        if (early !== undefined) throw early;
        resolve(header);
      } catch (error) {
        fail(error);
      }
    });
    stream.on("trailers", (trailer: IncomingHttpHeaders) => {
      this.#trailer = trailer;
      if (this.#trailerHeaders !== undefined) appendHeaders(this.#trailerHeaders, trailer);
    });
    stream.on("readable", wake);
    stream.on("end", () => {
      this.#ended = true;
      wake();
    });
    stream.on("close", () => {
      if (!this.#ended) fail(faultFromReset(stream.rstCode));
    });
  }

  #checkEnd(): void {
    this.#decoder.end();
    if (this.#trailer === undefined && !hasStatus(this.#header)) throw faultFromReset(this.#stream?.rstCode ?? 0);
    checkEnd(this.#header, this.#trailer);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(error: ConnectError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#unwatch();
    const stream = this.#stream;
    if (stream !== undefined && !(this.#ended && stream.writableFinished)) stream.close(constants.NGHTTP2_CANCEL);
    this.#pump.stop(error);
    if (error !== undefined) this.#rejectHeader(error);
    this.#wake();
  }
}

function doNothing(): void {
  // Until there is something to do.
}
