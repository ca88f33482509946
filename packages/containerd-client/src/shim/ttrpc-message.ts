import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Status, StatusSchema } from "../gen/google/rpc/status_pb.js";

/** Length, stream id, type and flags (ttrpc's protocol description, "Message Header"). */
export const HEADER_BYTES = 10;
/** What ttrpc's own implementation takes at the most. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const REQUEST = 1;
const RESPONSE = 2;
/** A client's streams have odd numbers. */
const STREAM_ID = 1;

export interface TtrpcRequest {
  /** As `containerd.task.v2.Task`. */
  readonly service: string;
  readonly method: string;
  readonly payload: Uint8Array;
}

export interface TtrpcResponse {
  /** Absent where the call succeeded. */
  readonly status?: Status;
  readonly payload: Uint8Array;
}

/** The only request of a connection, as bytes. */
export function encodeRequest(request: TtrpcRequest): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(request.service);
  writer.tag(2, WireType.LengthDelimited).string(request.method);
  writer.tag(3, WireType.LengthDelimited).bytes(request.payload);
  const message = writer.finish();
  const frame = new Uint8Array(HEADER_BYTES + message.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, message.length);
  view.setUint32(4, STREAM_ID);
  view.setUint8(8, REQUEST);
  frame.set(message, HEADER_BYTES);
  return frame;
}

/** The answer in what has arrived; undefined while it is not whole. Throws for what is no answer to our request. */
export function decodeResponse(bytes: Uint8Array): TtrpcResponse | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0);
  if (length > MAX_MESSAGE_BYTES) throw new Error(`a message of ${length} bytes is longer than ttrpc allows`);
  if (view.getUint32(4) !== STREAM_ID || view.getUint8(8) !== RESPONSE) throw new Error("no answer to this request");
  if (bytes.length < HEADER_BYTES + length) return undefined;
  return readResponse(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
}

function readResponse(message: Uint8Array): TtrpcResponse {
  const reader = new BinaryReader(message);
  let status: Status | undefined;
  let payload = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1) status = fromBinary(StatusSchema, reader.bytes());
    else if (field === 2) payload = new Uint8Array(reader.bytes());
    else reader.skip(type, field);
  }
  return status === undefined || status.code === 0 ? { payload } : { status, payload };
}
