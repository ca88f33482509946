import { FLAG, FRAME, FRAME_HEADER_BYTES } from "./protocol.js";

/** A frame with its payload, to be filled from {@link FRAME_HEADER_BYTES} on. */
function frame(length: number, type: number, flags: number, stream: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  writeHeader(bytes, length, type, flags, stream);
  return bytes;
}

function writeHeader(bytes: Buffer, length: number, type: number, flags: number, stream: number): void {
  bytes.writeUIntBE(length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
}

/** The header of a DATA frame, whose payload follows as it is. */
export function dataHeader(stream: number, length: number, endStream: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  writeHeader(bytes, length, FRAME.data, endStream ? FLAG.endStream : 0, stream);
  return bytes;
}

/** A block of headers: one HEADERS frame, and CONTINUATION frames where it is larger than a frame may be. */
export function headerFrames(stream: number, block: Buffer, maxFrameBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  do {
    const end = Math.min(at + maxFrameBytes, block.length);
    const type = at === 0 ? FRAME.headers : FRAME.continuation;
    const bytes = frame(end - at, type, end === block.length ? FLAG.endHeaders : 0, stream);
    block.copy(bytes, FRAME_HEADER_BYTES, at, end);
    frames.push(bytes);
    at = end;
  } while (at < block.length);
  return frames;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = frame(settings.length * 6, FRAME.settings, 0, 0);
  let at = FRAME_HEADER_BYTES;
  for (const [id, value] of settings) {
    at = bytes.writeUInt16BE(id, at);
    at = bytes.writeUInt32BE(value, at);
  }
  return bytes;
}

export function settingsAck(): Buffer {
  return frame(0, FRAME.settings, FLAG.ack, 0);
}

export function pingAck(opaque: Buffer): Buffer {
  const bytes = frame(opaque.length, FRAME.ping, FLAG.ack, 0);
  opaque.copy(bytes, FRAME_HEADER_BYTES);
  return bytes;
}

/** Lets the peer send so many bytes more; on the whole connection where `stream` is 0. */
export function windowUpdate(stream: number, increment: number): Buffer {
  const bytes = frame(4, FRAME.windowUpdate, 0, stream);
  bytes.writeUInt32BE(increment, FRAME_HEADER_BYTES);
  return bytes;
}

export function resetStream(stream: number, code: number): Buffer {
  const bytes = frame(4, FRAME.resetStream, 0, stream);
  bytes.writeUInt32BE(code, FRAME_HEADER_BYTES);
  return bytes;
}

/** No stream of the peer's was ever opened, so the last one that was seen to is 0. */
export function goAway(code: number): Buffer {
  const bytes = frame(8, FRAME.goAway, 0, 0);
  bytes.writeUInt32BE(0, FRAME_HEADER_BYTES);
  bytes.writeUInt32BE(code, FRAME_HEADER_BYTES + 4);
  return bytes;
}
