import type { Writable } from "node:stream";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

/** A compressed flag (always 0 here) and the length of the message, as a big-endian number of four bytes. */
export const PREFIX_BYTES = 5;

/** Below this, copying a message behind its prefix costs less than a second write. */
const COPY_MAX_BYTES = 32 * 1024;

/** Serializes a message; throws `ResourceExhausted` when it is larger than `maxBytes`. */
export function encodeMessage<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  maxBytes: number,
): Uint8Array {
  const bytes = serialize(desc, message);
  if (bytes.byteLength > maxBytes) {
    throw new ConnectError(
      `the message has ${bytes.byteLength} bytes, and ${maxBytes} is the limit`,
      Code.ResourceExhausted,
    );
  }
  return bytes;
}

function serialize<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Uint8Array {
  try {
    return toBinary(desc, message);
  } catch (reason) {
    throw new ConnectError(
      `${desc.typeName} cannot be serialized: ${String(reason)}`,
      Code.Internal,
      undefined,
      undefined,
      reason,
    );
  }
}

/** Writes one message with its prefix. False when the stream wants the writer to wait for `drain`. */
export function writeFrame(stream: Writable, message: Uint8Array): boolean {
  if (message.byteLength <= COPY_MAX_BYTES) return stream.write(smallFrame(message));
  stream.cork();
  stream.write(prefix(message));
  const more = stream.write(message);
  stream.uncork();
  return more;
}

/** Writes the only message and ends the stream: a small call leaves in one piece. */
export function endWithFrame(stream: Writable, message: Uint8Array): void {
  if (message.byteLength <= COPY_MAX_BYTES) {
    stream.end(smallFrame(message));
    return;
  }
  stream.cork();
  stream.write(prefix(message));
  stream.end(message); // uncorks
}

function smallFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.byteLength, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

function prefix(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(message.byteLength, 1);
  return bytes;
}
