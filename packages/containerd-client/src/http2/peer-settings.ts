import { DEFAULT_MAX_FRAME_BYTES, DEFAULT_WINDOW_BYTES, ERROR, MAX_31_BITS, SETTING } from "./protocol.js";
import { ProtocolError } from "./protocol-error.js";

const ENTRY_BYTES = 6;
const MAX_FRAME_BYTES = 2 ** 24 - 1;

/** What the peer has asked of us (RFC 9113 §6.5.2), as far as a client without a header table has to know it. */
export class PeerSettings {
  maxConcurrentStreams: number = Infinity;
  initialWindowBytes: number = DEFAULT_WINDOW_BYTES;
  maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES;

  /** Takes a SETTINGS frame's payload. Throws a `ProtocolError` for a value that is out of its range. */
  apply(payload: Buffer): void {
    if (payload.length % ENTRY_BYTES !== 0) throw new ProtocolError(ERROR.frameSize, "settings of another size");
    for (let at = 0; at < payload.length; at += ENTRY_BYTES)
      this.#set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  }

  #set(id: number, value: number): void {
    switch (id) {
      case SETTING.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        return;
      case SETTING.initialWindowSize:
        if (value > MAX_31_BITS) throw new ProtocolError(ERROR.flowControl, "a window that is too large");
        this.initialWindowBytes = value;
        return;
      case SETTING.maxFrameSize:
        if (value < DEFAULT_MAX_FRAME_BYTES || value > MAX_FRAME_BYTES)
          throw new ProtocolError(ERROR.protocol, "frames of a size that is not allowed");
        this.maxFrameBytes = value;
        return;
      default: // Of no meaning to us.
    }
  }
}
