import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { fromBinary, isMessage } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { fastRead } from "./fast-read/fast-read.js";
import { PREFIX_BYTES } from "./frame-encoder.js";

const COMPRESSED = 0x01;

/**
 * Cuts the bytes of a response into messages. A message that arrives in one chunk is not copied; a larger one is copied
 * once, into memory of its size.
 */
export class FrameDecoder {
  readonly #maxBytes: number;
  /** Only for a prefix that comes in pieces, which is rare. */
  #prefix: Buffer | undefined;
  #prefixLength = 0;
  #message: Uint8Array | undefined;
  #messageLength = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The messages that are complete with this chunk. Throws a `ConnectError`: `ResourceExhausted` as soon as a message
   * says that it is too large, `Internal` for one that is compressed, which was never offered.
   */
  decode(chunk: Buffer): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.#message !== undefined) {
        at += this.#fill(this.#message, chunk, at, messages);
        continue;
      }
      let length: number;
      if (this.#prefixLength === 0 && chunk.length - at >= PREFIX_BYTES) {
        length = this.#checkPrefix(chunk, at);
        at += PREFIX_BYTES;
      } else {
        const prefix = (this.#prefix ??= Buffer.alloc(PREFIX_BYTES));
        const taken = chunk.copy(prefix, this.#prefixLength, at);
        at += taken;
        this.#prefixLength += taken;
        if (this.#prefixLength < PREFIX_BYTES) break;
        this.#prefixLength = 0;
        length = this.#checkPrefix(prefix, 0);
      }
      if (chunk.length - at >= length) {
        // Not a Buffer: what a message hands out shall be what its type says.
        messages.push(new Uint8Array(chunk.buffer, chunk.byteOffset + at, length));
        at += length;
      } else {
        this.#message = new Uint8Array(length);
        this.#messageLength = 0;
      }
    }
    return messages;
  }

  /** Throws when the bytes end within a message. */
  end(): void {
    if (this.#message === undefined && this.#prefixLength === 0) return;
    throw new ConnectError("protocol error: the response ends within a message", Code.InvalidArgument);
  }

  #fill(message: Uint8Array, chunk: Buffer, at: number, messages: Uint8Array[]): number {
    const taken = Math.min(message.byteLength - this.#messageLength, chunk.length - at);
    message.set(chunk.subarray(at, at + taken), this.#messageLength);
    this.#messageLength += taken;
    if (this.#messageLength === message.byteLength) {
      messages.push(message);
      this.#message = undefined;
    }
    return taken;
  }

  #checkPrefix(bytes: Buffer, at: number): number {
    if ((bytes.readUInt8(at) & COMPRESSED) !== 0) {
      throw new ConnectError("protocol error: a compressed message, and no compression was offered", Code.Internal);
    }
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.#maxBytes) {
      throw new ConnectError(
        `a message has ${length} bytes, and ${this.#maxBytes} is the limit`,
        Code.ResourceExhausted,
      );
    }
    return length;
  }
}

/** Parses a message; throws `Internal` when it is not one. */
export function decodeMessage<Desc extends DescMessage>(desc: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    const read = fastRead(desc.typeName, bytes);
    return read !== undefined && isMessage(read, desc) ? read : fromBinary(desc, bytes);
  } catch (reason) {
    throw new ConnectError(
      `this is not a ${desc.typeName}: ${String(reason)}`,
      Code.Internal,
      undefined,
      undefined,
      reason,
    );
  }
}
