import { DEFAULT_MAX_FRAME_BYTES, ERROR, FLAG, FRAME, FRAME_HEADER_BYTES } from "./protocol.js";
import { ProtocolError } from "./protocol-error.js";

/** A frame that is whole. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Valid while the handler runs. */
  readonly payload: Buffer;
}

export interface FrameHandler {
  /** A part of a DATA frame, as it came. `credit` counts the window that it used up; `end` says that nothing follows. */
  onData(stream: number, bytes: Buffer, credit: number, end: boolean): void;
  /** Any other frame. */
  onFrame(frame: Frame): void;
}

/**
 * Cuts what a socket delivers into frames. Data is handed on piece by piece without a copy; all else is small and is
 * handed on whole. Throws a `ProtocolError` for a frame that is larger than we said it may be, which is also what any
 * other protocol looks like.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #header: Buffer = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerLength = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes of the payload that are still to come. */
  #missing = 0;
  /** Within a frame, behind its header. */
  #inside = false;
  readonly #parts: Buffer[] = [];

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (!this.#inside) {
        at = this.#readHeader(chunk, at);
        if (this.#headerLength > 0) return;
        // A frame without a payload ends with its header.
        if (this.#missing > 0) continue;
      }
      const end = Math.min(at + this.#missing, chunk.length);
      this.#missing -= end - at;
      const part = chunk.subarray(at, end);
      at = end;
      this.#take(part);
    }
  }

  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    let header = this.#header;
    let start = 0;
    if (this.#headerLength === 0 && chunk.length - at >= FRAME_HEADER_BYTES) {
      header = chunk;
      start = at;
      at += FRAME_HEADER_BYTES;
    } else {
      const taken = chunk.copy(header, this.#headerLength, at);
      at += taken;
      this.#headerLength += taken;
      if (this.#headerLength < FRAME_HEADER_BYTES) return at;
      this.#headerLength = 0;
    }
    this.#missing = header.readUIntBE(start, 3);
    this.#type = header.readUInt8(start + 3);
    this.#flags = header.readUInt8(start + 4);
    // The first bit is reserved, and ignored (§4.1).
    this.#stream = header.readUInt32BE(start + 5) & 0x7fff_ffff;
    this.#inside = true;
    if (this.#missing > DEFAULT_MAX_FRAME_BYTES)
      throw new ProtocolError(ERROR.frameSize, `a frame of ${String(this.#missing)} bytes`);
    return at;
  }

  #take(part: Buffer): void {
    const whole = this.#missing === 0;
    if (whole) this.#inside = false;
    if (this.#type === FRAME.data && (this.#flags & FLAG.padded) === 0) {
      this.#handler.onData(this.#stream, part, part.length, whole && (this.#flags & FLAG.endStream) !== 0);
      return;
    }
    if (!whole) {
      this.#parts.push(part);
      return;
    }
    const payload = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts.splice(0), part]);
    const frame: Frame = { type: this.#type, flags: this.#flags, stream: this.#stream, payload };
    if (this.#type !== FRAME.data) this.#handler.onFrame(frame);
    else
      this.#handler.onData(this.#stream, withoutPadding(frame), payload.length, (this.#flags & FLAG.endStream) !== 0);
  }
}

/** What a DATA or HEADERS frame carries without its padding (§6.1). */
export function withoutPadding({ flags, payload }: Frame): Buffer {
  if ((flags & FLAG.padded) === 0) return payload;
  const padding = payload.length === 0 ? 0 : payload.readUInt8(0);
  if (padding >= payload.length) throw new ProtocolError(ERROR.protocol, "a frame of nothing but padding");
  return payload.subarray(1, payload.length - padding);
}
