/** A message has something that a fast reader does not read: the general reader is to be asked. */
export class Unusual extends Error {}

const VARINT = 0;
const DELIMITED = 2;
/** No field has the number 0, and none of what is read here one above 15. */
const FIRST_TAG = 1 << 3;
const LAST_TAG = (15 << 3) | 7;
/** Seven of these are 49 bits: exact as a number. */
const VARINT_BYTES = 7;
const LONG_BYTES = 10;

/** Walks through the fields of a message in protobuf's binary form, and of the messages in it. Throws {@link Unusual}. */
export class Cursor {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;
  #wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#end = bytes.byteLength;
  }

  /** The number of the next field, whose value is to be read next; 0 at the message's end. */
  field(): number {
    if (this.#at === this.#end) return 0;
    const tag = this.#varint();
    if (tag < FIRST_TAG || tag > LAST_TAG) throw new Unusual();
    this.#wireType = tag & 7;
    return tag >>> 3;
  }

  /** A field of an integer that is not negative, and below 2 ** 49. */
  integer(): number {
    if (this.#wireType !== VARINT) throw new Unusual();
    return this.#varint();
  }

  /** A field of an integer of 64 bits, with a sign (`int64`). */
  long(): bigint {
    if (this.#wireType !== VARINT) throw new Unusual();
    let value = 0n;
    for (let index = 0; index < LONG_BYTES && this.#at < this.#end; index++) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new Unusual();
  }

  /** A field of text. */
  text(): string {
    const from = this.#delimited();
    const text = this.#bytes.toString("utf8", from, this.#at);
    // What is no UTF-8, and marks of a byte order, are for the general reader to judge.
    if (text.includes("\ufffd") || text.startsWith("\ufeff")) throw new Unusual();
    return text;
  }

  /** A field of bytes, which are the message's own. */
  bytes(): Uint8Array {
    const from = this.#delimited();
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + from, this.#at - from);
  }

  /** A field that is a message: `each` is called for every field of it, and has to read its value. */
  message(each: (field: number) => void): void {
    const from = this.#delimited();
    const [end, after] = [this.#at, this.#end];
    this.#at = from;
    this.#end = end;
    for (let field = this.field(); field !== 0; field = this.field()) each(field);
    this.#end = after;
  }

  /** Goes behind a value with its length in front, and tells where it began. */
  #delimited(): number {
    if (this.#wireType !== DELIMITED) throw new Unusual();
    const length = this.#varint();
    const from = this.#at;
    if (length > this.#end - from) throw new Unusual();
    this.#at = from + length;
    return from;
  }

  #varint(): number {
    let value = 0;
    for (let index = 0, unit = 1; index < VARINT_BYTES && this.#at < this.#end; index++, unit *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw new Unusual();
  }
}
