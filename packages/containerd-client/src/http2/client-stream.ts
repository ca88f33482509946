import { dataHeader, resetStream, windowUpdate } from "./frame-writer.js";
import type { HeaderBlock } from "./hpack/decoder.js";
import { ERROR, MAX_31_BITS } from "./protocol.js";
import { ProtocolError } from "./protocol-error.js";
import type { StreamObserver } from "./stream-observer.js";

/** What a stream needs of its connection. */
export interface StreamLink {
  readonly maxFrameBytes: number;
  /** Bytes of data that the connection takes now. */
  readonly budget: number;
  /** Sends a part of what belongs to no window. */
  write(bytes: Uint8Array): void;
  /** Sends data, which uses up the budget. */
  writeData(header: Uint8Array, parts: readonly Uint8Array[], length: number): void;
  /** Calls `flush` of this stream when there is a budget again. */
  waitForBudget(stream: ClientStream): void;
  /** The stream is over. */
  remove(stream: ClientStream): void;
}

/** Bytes that the peer may send on a stream before it has to wait for us; the default makes round trips of every message. */
export const STREAM_WINDOW_BYTES: number = 4 * 1024 * 1024;

/** One request and its response (RFC 9113 §5.1). */
export class ClientStream {
  /** 0 until the request was sent. */
  id = 0;
  /** What the stream was reset with, by either side. */
  resetCode: number = ERROR.none;
  readonly #link: StreamLink;
  readonly #observer: StreamObserver;
  #sendWindow = 0;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #ending = false;
  #sentAll = false;
  #blocked = false;
  #hasHeader = false;
  #receivedAll = false;
  #closed = false;
  #receiveWindow = STREAM_WINDOW_BYTES;
  #unacknowledged = 0;

  constructor(link: StreamLink, observer: StreamObserver) {
    this.#link = link;
    this.#observer = observer;
  }

  /** Whether all of the request has been sent. */
  get sentAll(): boolean {
    return this.#sentAll;
  }

  /** Whether all of the response has come. */
  get receivedAll(): boolean {
    return this.#receivedAll;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether `send` has left something that is not sent yet. */
  get isBlocked(): boolean {
    return this.#blocked;
  }

  /** The request has been sent; `window` bytes may follow it. */
  start(id: number, window: number): void {
    this.id = id;
    this.#sendWindow = window;
    this.flush();
  }

  /** Sends a part of the request, and ends it where `end` says so. False when the caller should wait for `onDrain`. */
  send(parts: readonly Uint8Array[], end: boolean): boolean {
    if (this.#closed || this.#ending) return true;
    for (const part of parts) {
      if (part.byteLength === 0) continue;
      this.#queue.push(part);
      this.#queued += part.byteLength;
    }
    this.#ending = end;
    this.flush();
    return !this.#blocked;
  }

  /** Sends what the windows allow. */
  flush(): void {
    if (this.#closed || this.id === 0) {
      this.#blocked = !this.#closed;
      return;
    }
    while (this.#queued > 0) {
      const length = Math.min(this.#queued, this.#sendWindow, this.#link.budget, this.#link.maxFrameBytes);
      if (length <= 0) {
        this.#blocked = true;
        if (this.#sendWindow > 0) this.#link.waitForBudget(this);
        return;
      }
      const parts = this.#take(length);
      this.#sendWindow -= length;
      const last = this.#ending && this.#queued === 0;
      this.#link.writeData(dataHeader(this.id, length, last), parts, length);
      if (last) this.#sentAll = true;
    }
    if (this.#ending && !this.#sentAll) {
      this.#sentAll = true;
      this.#link.write(dataHeader(this.id, 0, true));
    }
    if (this.#sentAll && this.#receivedAll) this.close(undefined);
    if (!this.#blocked) return;
    this.#blocked = false;
    if (!this.closed) this.#observer.onDrain();
  }

  /** The peer takes `bytes` more (or, after its settings have changed, fewer). */
  widen(bytes: number): void {
    this.#sendWindow += bytes;
    if (this.#sendWindow > MAX_31_BITS) this.reset(ERROR.flowControl);
    else this.flush();
  }

  /** So many bytes of `onData` are done with: the peer may send as many more. */
  consumed(bytes: number): void {
    this.#unacknowledged += bytes;
    if (this.#unacknowledged < STREAM_WINDOW_BYTES / 2 || this.#closed || this.#receivedAll) return;
    this.#link.write(windowUpdate(this.id, this.#unacknowledged));
    this.#receiveWindow += this.#unacknowledged;
    this.#unacknowledged = 0;
  }

  /** Ends the request, whatever it is at. Harmless when it has ended. */
  reset(code: number): void {
    if (this.#closed) return;
    if (this.id !== 0) this.#link.write(resetStream(this.id, code));
    this.resetCode = code;
    this.close(undefined);
  }

  /** Headers have come: of the response, or behind it. */
  receiveHeaders(block: HeaderBlock, end: boolean): void {
    if (this.#receivedAll) return;
    if (!this.#hasHeader) {
      // An interim response (RFC 9113 §8.1).
      if (!end && block[":status"]?.startsWith("1") === true) return;
      this.#hasHeader = true;
      this.#observer.onHeader(block);
    } else {
      if (!end) throw new ProtocolError(ERROR.protocol, "headers within a response");
      this.#observer.onTrailer(block);
    }
    if (end) this.#receiveEnd();
  }

  receiveData(bytes: Buffer, credit: number, end: boolean): void {
    if (this.#receivedAll || this.#closed) return;
    this.#receiveWindow -= credit;
    if (this.#receiveWindow < 0) {
      this.reset(ERROR.flowControl);
      return;
    }
    // Padding is nobody's.
    if (credit > bytes.length) this.consumed(credit - bytes.length);
    if (bytes.length > 0) this.#observer.onData(bytes);
    if (end) this.#receiveEnd();
  }

  /** The peer has reset the stream. After a whole response that only says that it need not hear the rest (§8.1). */
  receiveReset(code: number): void {
    this.resetCode = code;
    const isOrdinary = code === ERROR.none || code === ERROR.cancel || this.#receivedAll;
    this.close(isOrdinary ? undefined : cutOff(code));
  }

  close(reason: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#queued = 0;
    this.#link.remove(this);
    this.#observer.onClose(reason);
  }

  #receiveEnd(): void {
    if (this.#closed) return;
    this.#receivedAll = true;
    this.#observer.onEnd();
    if (this.#sentAll) this.close(undefined);
  }

  #take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const [first] = this.#queue;
      if (first === undefined) break;
      if (first.byteLength <= missing) {
        taken.push(first);
        this.#queue.shift();
        missing -= first.byteLength;
      } else {
        taken.push(first.subarray(0, missing));
        this.#queue[0] = first.subarray(missing);
        missing = 0;
      }
    }
    this.#queued -= length;
    return taken;
  }
}

function cutOff(code: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`the HTTP/2 stream was reset with error code 0x${code.toString(16)}`), {
    code: "ECONNABORTED",
  });
}
