import type { ClientStream } from "../http2/client-stream.js";
import type { HeaderBlock } from "../http2/hpack/decoder.js";
import type { StreamObserver } from "../http2/stream-observer.js";

/** Keeps what happens to a request. */
export class RecordingObserver implements StreamObserver {
  readonly #chunks: Buffer[] = [];
  readonly #reads: boolean;
  stream: ClientStream | undefined;
  header: HeaderBlock | undefined;
  trailer: HeaderBlock | undefined;
  reason: Error | undefined;
  /** How often it was told that all is over. */
  ends = 0;
  #begin: () => void = () => undefined;
  #drain: () => void = () => undefined;
  #close: () => void = () => undefined;
  readonly begun: Promise<void> = new Promise((resolve) => {
    this.#begin = resolve;
  });
  readonly drained: Promise<void> = new Promise((resolve) => {
    this.#drain = resolve;
  });
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#close = resolve;
  });

  /** @param options.reads whether the peer may send on when a window is full; default true */
  constructor(options: { reads?: boolean } = {}) {
    this.#reads = options.reads ?? true;
  }

  body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  onHeader(block: HeaderBlock): void {
    this.header = block;
    this.#begin();
  }

  onData(bytes: Buffer): void {
    this.#chunks.push(bytes);
    if (this.#reads) this.stream?.consumed(bytes.length);
  }

  onTrailer(block: HeaderBlock): void {
    this.trailer = block;
  }

  onEnd(): void {
    this.#begin();
  }

  onDrain(): void {
    this.#drain();
  }

  onClose(reason: Error | undefined): void {
    this.ends++;
    this.reason = reason;
    this.#close();
  }
}
