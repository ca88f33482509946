import { describe, expect, test } from "@jest/globals";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { FrameDecoder } from "./frame-decoder.js";

function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

describe("a frame decoder", () => {
  test("gives back the messages, wherever the bytes are cut", () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(frame));
        const decoder = new FrameDecoder(40);
        const received: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          received.push(...decoder.decode(bytes.subarray(at, at + size)));
          at += size;
        }
        decoder.end();
        expect(received.map((message) => [...message])).toEqual(sent.map((message) => [...message]));
      }),
    );
  });

  test("refuses the end within a message, and within a prefix", () => {
    for (const bytes of [[0], [0, 0, 0, 0, 2], [0, 0, 0, 0, 2, 1]]) {
      const decoder = new FrameDecoder(40);
      expect(decoder.decode(Buffer.from(bytes))).toEqual([]);
      expect(() => {
        decoder.end();
      }).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    }
  });

  test("refuses a message that is too large before it has arrived", () => {
    const decoder = new FrameDecoder(40);
    expect(() => decoder.decode(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toThrow(
      expect.objectContaining({ code: Code.ResourceExhausted }),
    );
  });
});
