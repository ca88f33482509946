import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FrameReader } from "./frame-reader.js";
import { ProtocolError } from "./protocol-error.js";
import { FLAG, FRAME } from "./protocol.js";
import { rawFrame as frame } from "../testing/raw-frame.js";

/** What came, with the pieces of each DATA frame put together. */
function read(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  let data = "";
  let credits = 0;
  const reader = new FrameReader({
    onData(stream, bytes, credit, end) {
      data += bytes.toString("hex");
      credits += credit;
      if (end) seen.push(`data ${String(stream)} ${data} ${String(credits)}`);
      if (end) [data, credits] = ["", 0];
    },
    onFrame({ type, flags, stream, payload }) {
      seen.push(`${String(type)} ${String(flags)} ${String(stream)} ${payload.toString("hex")}`);
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

const bytes = Buffer.concat([
  frame(FRAME.settings, 0, 0, Buffer.alloc(0)),
  frame(FRAME.data, FLAG.endStream, 1, Buffer.from("aabbccdd", "hex")),
  frame(FRAME.data, FLAG.endStream | FLAG.padded, 3, Buffer.from("02eeff0000", "hex")),
  frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("8899", "hex")),
  frame(FRAME.data, FLAG.endStream, 5, Buffer.alloc(0)),
  frame(FRAME.ping, 0, 0x8000_0000, Buffer.alloc(8, 7)),
]);
const FRAMES = ["4 0 0 ", "data 1 aabbccdd 4", "data 3 eeff 5", "1 4 1 8899", "data 5  0", "6 0 0 0707070707070707"];

describe("frames", () => {
  test("are the same however they are cut", () => {
    expect(read([bytes])).toEqual(FRAMES);
    expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(FRAMES);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const ends = [...cuts.toSorted((one, other) => one - other), bytes.length];
        expect(read(ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)))).toEqual(FRAMES);
      }),
    );
  });

  test.each([
    ["of another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["larger than was offered", frame(FRAME.headers, 0, 1, Buffer.alloc(16_385))],
    ["of nothing but padding", frame(FRAME.data, FLAG.padded, 1, Buffer.from([4, 0, 0, 0]))],
  ])("%s are refused", (_, chunk) => {
    expect(() => read([chunk])).toThrow(ProtocolError);
  });
});
