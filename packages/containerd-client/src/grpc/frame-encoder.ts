import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ScalarType, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";

/** A compressed flag (always 0 here) and the length of the message, as a big-endian number of four bytes. */
export const PREFIX_BYTES = 5;

/** Below this, copying a message behind its prefix costs less than a second part. */
const COPY_MAX_BYTES = 32 * 1024;

/** A serialized message. */
export interface EncodedMessage {
  readonly bytes: Uint8Array;
  /** Behind `bytes`: a large field, not copied. It must stay as it is until the message is sent. */
  readonly large?: Uint8Array;
}

/** As {@link encodeMessage}, for messages that are mostly one field of bytes: that one is put last, and not copied. */
export function encodeInParts<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  maxBytes: number,
): EncodedMessage {
  const field = desc.fields.find(
    (one) => one.fieldKind === "scalar" && one.scalar === ScalarType.BYTES && one.oneof === undefined,
  );
  if (field?.fieldKind !== "scalar") return { bytes: encodeMessage(desc, message, maxBytes) };
  const fields = reflect(desc, message);
  const large = fields.get(field);
  if (!(large instanceof Uint8Array) || large.byteLength <= COPY_MAX_BYTES)
    return { bytes: encodeMessage(desc, message, maxBytes) };
  fields.clear(field);
  try {
    const rest = serialize(desc, message);
    // The order of fields on the wire is free (protobuf encoding, "Field Order").
    const header = new BinaryWriter().raw(rest).tag(field.number, WireType.LengthDelimited).uint32(large.byteLength);
    const bytes = header.finish();
    assertSize(bytes.byteLength + large.byteLength, maxBytes);
    return { bytes, large };
  } finally {
    fields.set(field, large);
  }
}

/** Serializes a message; throws `ResourceExhausted` when it is larger than `maxBytes`. */
export function encodeMessage<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  maxBytes: number,
): Uint8Array {
  const bytes = serialize(desc, message);
  assertSize(bytes.byteLength, maxBytes);
  return bytes;
}

function assertSize(length: number, maxBytes: number): void {
  if (length <= maxBytes) return;
  throw new ConnectError(`the message has ${length} bytes, and ${maxBytes} is the limit`, Code.ResourceExhausted);
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

/** A message behind its prefix, in as many parts as it has without being copied: a small one is one part. */
export function framed({ bytes, large }: EncodedMessage): readonly Uint8Array[] {
  if (large !== undefined) return [prefix(bytes.byteLength + large.byteLength), bytes, large];
  if (bytes.byteLength > COPY_MAX_BYTES) return [prefix(bytes.byteLength), bytes];
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + bytes.byteLength);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(bytes.byteLength, 1);
  frame.set(bytes, PREFIX_BYTES);
  return [frame];
}

function prefix(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
