import { ERROR } from "../protocol.js";
import { ProtocolError } from "../protocol-error.js";

/**
 * How many bits each byte has in the Huffman code of HPACK, and behind them the end of a string (RFC 7541, Appendix B).
 * Sixteen to a line. The code is canonical: of symbols with as many bits the lower one has the lower code, so the lengths
 * say all of it.
 */
// prettier-ignore
const LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const END_OF_STRING = 256;
const LONGEST = 30;

/** For each length: its first code, how many codes it has, and where their symbols begin in `SYMBOLS`. */
interface Level {
  readonly first: number;
  readonly count: number;
  readonly offset: number;
}

const SYMBOLS: readonly number[] = LENGTHS.map((_, symbol) => symbol).sort(
  (one, other) => (LENGTHS[one] ?? 0) - (LENGTHS[other] ?? 0) || one - other,
);
const LEVELS: readonly Level[] = levels();

function levels(): Level[] {
  const all: Level[] = [];
  let code = 0;
  let offset = 0;
  for (let bits = 0; bits <= LONGEST; bits++) {
    const count = LENGTHS.filter((length) => length === bits).length;
    all.push({ first: code, count, offset });
    code = (code + count) * 2;
    offset += count;
  }
  return all;
}

/** A string in HPACK's Huffman code, as latin1 (RFC 7541 §5.2). Throws a `ProtocolError` for what is no such code. */
export function decodeHuffman(bytes: Buffer): string {
  const decoded: number[] = [];
  let code = 0;
  let bits = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      bits++;
      const level = LEVELS[bits];
      if (level === undefined) throw broken();
      const index = code - level.first;
      if (index >= level.count) continue;
      const symbol = SYMBOLS[level.offset + index];
      if (symbol === undefined || symbol === END_OF_STRING) throw broken();
      decoded.push(symbol);
      code = 0;
      bits = 0;
    }
  }
  // The last byte is filled up with ones, with less than a byte of them.
  if (bits > 7 || code !== 2 ** bits - 1) throw broken();
  return Buffer.from(decoded).toString("latin1");
}

function broken(): ProtocolError {
  return new ProtocolError(ERROR.compression, "a header that is not in HPACK's Huffman code");
}
