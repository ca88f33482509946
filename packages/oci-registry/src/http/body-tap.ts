import type { OnReadOpts, Socket } from "node:net";
import { plainLength } from "./response-head.js";

/** Who takes the bytes of a body from a connection. */
export interface BodyReader {
  /** Where the next bytes are to be put; undefined when none are wanted now. */
  target(): Uint8Array | undefined;
  /** Returns whether more are wanted now. The bytes lie in what `target` gave or, when they came unasked, anywhere. */
  take(bytes: Uint8Array): boolean;
}

/** A body that Node's parser does not get. */
export interface TappedBody {
  readonly length: number;
  /** What came together with the head. */
  readonly first: Uint8Array;
  /** From now on, everything that comes is the reader's. */
  readonly read: (reader: BodyReader) => void;
}

/** As much as Node reads at once. */
const SCRATCH_BYTES = 64 * 1024;
/** Shorter bodies are not worth their connection, which cannot be used again. */
const LARGE_BYTES = 256 * 1024;
/** Longer heads are Node's parser's to refuse. */
const LONGEST_HEAD = 64 * 1024;
const END_OF_HEAD = Buffer.from("\r\n\r\n");

const taps = new WeakMap<object, BodyTap>();

/**
 * The bytes of a connection on their way to Node's HTTP parser. All are passed on, but for large bodies that somebody
 * wants to read without it: for every 64 KiB, Node would allocate twice and copy once, and keep the garbage collector busy
 * with that, which costs several times as much as reading. The parser gets the head, and judges it; such a connection ends
 * with its body.
 */
export class BodyTap {
  readonly onread: OnReadOpts = {
    buffer: () => this.#target(),
    callback: (count, bytes) => this.#take(bytes.subarray(0, count)),
  };
  #socket: Socket | undefined;
  #scratch: Uint8Array | undefined;
  /** What has come of the head; undefined where none is waited for. */
  #head: Buffer | undefined;
  #body: { readonly length: number; first: Uint8Array; reader?: BodyReader } | undefined;

  /** The tap of a connection that was made with one. */
  static of(socket: object): BodyTap | undefined {
    return taps.get(socket);
  }

  /** To be called with the socket that was made with {@link BodyTap.onread}. */
  attach(socket: Socket): void {
    this.#socket = socket;
    taps.set(socket, this);
  }

  /** Looks at the next answer. To be called before the request is sent. */
  arm(): void {
    this.#head = Buffer.alloc(0);
  }

  /** The body of the answer whose head has just arrived, where it is not the parser's. */
  body(): TappedBody | undefined {
    const body = this.#body;
    if (body === undefined) return undefined;
    const { length, first } = body;
    return {
      length,
      first,
      read: (reader) => {
        body.reader = reader;
      },
    };
  }

  #target(): Uint8Array {
    return this.#body?.reader?.target() ?? (this.#scratch ??= new Uint8Array(SCRATCH_BYTES));
  }

  #take(bytes: Uint8Array): boolean {
    const body = this.#body;
    if (body?.reader !== undefined) return body.reader.take(bytes);
    if (body !== undefined) {
      body.first = Buffer.concat([body.first, bytes]);
      return false;
    }
    return this.#head === undefined ? this.#pass(bytes) : this.#takeHead(this.#head, bytes);
  }

  #takeHead(before: Buffer, bytes: Uint8Array): boolean {
    const head = Buffer.concat([before, bytes]);
    const end = head.indexOf(END_OF_HEAD, Math.max(0, before.length - END_OF_HEAD.length));
    this.#head = end < 0 && head.length < LONGEST_HEAD ? head : undefined;
    const length = end < 0 ? undefined : plainLength(head.toString("latin1", 0, end));
    if (length === undefined || length < LARGE_BYTES) return this.#pass(bytes);
    const behind = end + END_OF_HEAD.length - before.length;
    // First this: the parser may tell of the answer before it returns.
    this.#body = { length, first: bytes.slice(behind) };
    this.#pass(bytes.subarray(0, behind));
    return false;
  }

  #pass(bytes: Uint8Array): boolean {
    return this.#socket?.push(Buffer.from(bytes)) ?? false;
  }
}
