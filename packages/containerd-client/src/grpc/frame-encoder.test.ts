import { create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import {
  WriteAction,
  type WriteContentRequest,
  WriteContentRequestSchema,
} from "../gen/containerd/services/content/v1/content_pb.js";
import { encodeInParts, framed, PREFIX_BYTES } from "./frame-encoder.js";

const LIMIT = 1024 * 1024;
const request = (length: number) =>
  create(WriteContentRequestSchema, {
    action: WriteAction.WRITE,
    ref: "r",
    offset: 7n,
    data: new Uint8Array(length).fill(9),
    labels: { a: "b" },
  });

/** Without a comparison byte by byte, which takes its time. */
function expectSame(actual: WriteContentRequest, expected: WriteContentRequest): void {
  expect(Buffer.compare(actual.data, expected.data)).toBe(0);
  const none = new Uint8Array();
  expect({ ...actual, data: none }).toEqual({ ...expected, data: none });
}

describe("a message of mostly bytes", () => {
  test.each([0, 1, 32 * 1024, 32 * 1024 + 1, 900_000])("with %i of them is read as it was written", (length) => {
    const message = request(length);
    const { bytes, large } = encodeInParts(WriteContentRequestSchema, message, LIMIT);
    const whole = Buffer.concat([bytes, large ?? new Uint8Array()]);
    expectSame(fromBinary(WriteContentRequestSchema, whole), request(length));
    expectSame(message, request(length));
  });

  test("is not copied, when it is large", () => {
    const message = request(100_000);
    const { bytes, large } = encodeInParts(WriteContentRequestSchema, message, LIMIT);
    expect(large).toBe(message.data);
    expect(bytes.length).toBeLessThan(100);
  });

  test("is refused above the limit, and left as it was", () => {
    const message = request(LIMIT);
    expect(() => encodeInParts(WriteContentRequestSchema, message, LIMIT)).toThrow("is the limit");
    expect(message.data).toHaveLength(LIMIT);
  });

  test.each([10, 100_000])("travels behind its length: %i bytes", (length) => {
    const sent = Buffer.concat(framed(encodeInParts(WriteContentRequestSchema, request(length), LIMIT)));
    expect(sent.readUInt32BE(1)).toBe(sent.length - PREFIX_BYTES);
    expectSame(fromBinary(WriteContentRequestSchema, sent.subarray(PREFIX_BYTES)), request(length));
  });
});
