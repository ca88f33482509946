import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ProtocolError } from "../protocol-error.js";
import { HpackDecoder } from "./decoder.js";
import { encodeHeaders } from "./encoder.js";
import { decodeHuffman } from "./huffman.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const plain = (headers: object): unknown => ({ ...headers });

/** RFC 7541, Appendix C. */
const HUFFMAN: readonly (readonly [text: string, code: string])[] = [
  ["www.example.com", "f1e3 c2e5 f23a 6ba0 ab90 f4ff"],
  ["no-cache", "a8eb 1064 9cbf"],
  ["custom-key", "25a8 49e9 5ba9 7d7f"],
  ["custom-value", "25a8 49e9 5bb8 e8b4 bf"],
  ["302", "6402"],
  ["private", "aec3 771a 4b"],
  ["Mon, 21 Oct 2013 20:13:21 GMT", "d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff"],
  ["https://www.example.com", "9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3"],
  ["gzip", "9bd9 ab"],
  [
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
  ],
  ["", ""],
];

describe("HPACK's Huffman code", () => {
  test.each(HUFFMAN)("is read: %j", (text, code) => {
    expect(decodeHuffman(hex(code))).toBe(text);
  });

  test.each([
    ["filled up with zeros", "f1e3 c2e5 f23a 6ba0 ab90 f400"],
    ["filled up with a whole byte", "a8eb 1064 9cbf ff"],
    ["with the end of the string within it", "ffff ffff"],
  ])("is refused when it is %s", (_, code) => {
    expect(() => decodeHuffman(hex(code))).toThrow(ProtocolError);
  });
});

describe("blocks of headers", () => {
  /** RFC 7541, C.5: a table of 256 bytes there; what is not evicted from a larger one is the same. */
  test("build on those before them", () => {
    const decoder = new HpackDecoder();
    const first =
      "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3";
    const headers = {
      ":status": "302",
      "cache-control": "private",
      date: "Mon, 21 Oct 2013 20:13:21 GMT",
      location: "https://www.example.com",
    };
    expect(plain(decoder.decode(hex(first)))).toEqual(headers);
    expect(plain(decoder.decode(hex("4883 640e ff c1 c0 bf")))).toEqual({ ...headers, ":status": "307" });
  });

  test("forget what the table has no room for", () => {
    const decoder = new HpackDecoder();
    // A table of no bytes, then a header that would be kept, then the first of the kept ones.
    expect(() => decoder.decode(hex("20 4001 6101 62 be"))).toThrow("a number that has none");
  });

  test("without a name in the static table are read as they are", () => {
    expect(plain(new HpackDecoder().decode(hex("00 0161 0162 10 0161 0163")))).toEqual({ a: "b, c" });
  });

  test("cannot reach the prototype of anything", () => {
    const headers = new HpackDecoder().decode(encodeHeaders([["__proto__", "x"]]));
    expect(Object.keys(headers)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });

  test.each([
    ["the number 0", "80"],
    ["a number behind the tables", "ff 80 01"],
    ["a text that is cut off", "00 05 61"],
    ["a number without an end", "ff ff ff ff ff ff ff"],
    ["a table that was not offered", "3f e2 1f"],
    ["nothing behind a name", "00 01 61"],
  ])("with %s are refused", (_, block) => {
    expect(() => new HpackDecoder().decode(hex(block))).toThrow(ProtocolError);
  });

  test("of any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new HpackDecoder().decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("that we write are what was meant", () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,150}$/);
    const value = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,400}$/);
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const block = encodeHeaders([[":method", "POST"], ...Object.entries(headers)]);
        expect(plain(new HpackDecoder().decode(block))).toEqual({ ":method": "POST", ...headers });
      }),
    );
  });

  test.each([
    ["a", "line\nfeed"],
    ["a", "\0"],
    ["a", "€"],
    ["a b", "x"],
    ["A", "x"],
    ["", "x"],
  ])("cannot be %j: %j", (name, value) => {
    expect(() => encodeHeaders([[name, value]])).toThrow(TypeError);
  });
});
