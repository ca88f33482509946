import { type Frame, withoutPadding } from "./frame-reader.js";
import { type HeaderBlock, HpackDecoder } from "./hpack/decoder.js";
import { ERROR, FLAG, FRAME } from "./protocol.js";
import { ProtocolError } from "./protocol-error.js";

/** No block of headers that means well is larger. */
const HEADERS_MAX_BYTES = 1024 * 1024;
const PRIORITY_BYTES = 5;

/** A block of headers that is whole. */
export interface AssembledHeaders {
  readonly stream: number;
  readonly block: HeaderBlock;
  /** Nothing follows on this stream. */
  readonly end: boolean;
}

interface Begun {
  readonly stream: number;
  readonly end: boolean;
  readonly parts: Buffer[];
  size: number;
}

/** Puts the blocks of headers of a connection together, from HEADERS and CONTINUATION frames (RFC 9113 §6.2, §6.10). */
export class HeaderAssembler {
  readonly #hpack: HpackDecoder = new HpackDecoder();
  #begun: Begun | undefined;

  /** Throws a `ProtocolError` for a frame that may not come here: headers are continued at once, or not at all. */
  assertAllowed(type: number, stream: number): void {
    if (this.#begun !== undefined && (type !== FRAME.continuation || stream !== this.#begun.stream))
      throw new ProtocolError(ERROR.protocol, "headers that are not continued");
  }

  /** Takes a HEADERS or CONTINUATION frame; returns the block that it completes. Throws a `ProtocolError`. */
  add(frame: Frame): AssembledHeaders | undefined {
    const { type, flags, stream } = frame;
    if (type === FRAME.headers) this.#begun = { stream, end: (flags & FLAG.endStream) !== 0, parts: [], size: 0 };
    const begun = this.#begun;
    if (begun === undefined) throw new ProtocolError(ERROR.protocol, "a continuation of nothing");
    const part = type === FRAME.headers ? fragment(frame) : frame.payload;
    const whole = (flags & FLAG.endHeaders) !== 0;
    // A payload is valid for this call only.
    begun.parts.push(whole ? part : Buffer.from(part));
    begun.size += part.length;
    if (begun.size > HEADERS_MAX_BYTES) throw new ProtocolError(ERROR.protocol, "headers without an end");
    if (!whole) return undefined;
    this.#begun = undefined;
    const bytes = begun.parts.length === 1 ? part : Buffer.concat(begun.parts, begun.size);
    return { stream: begun.stream, block: this.#hpack.decode(bytes), end: begun.end };
  }
}

/** A HEADERS frame's part of the block, without padding and priority. */
function fragment(frame: Frame): Buffer {
  const content = withoutPadding(frame);
  return (frame.flags & FLAG.priority) === 0 ? content : content.subarray(PRIORITY_BYTES);
}
