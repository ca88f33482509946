import { ERROR } from "../protocol.js";
import { ProtocolError } from "../protocol-error.js";
import { DynamicTable, type HeaderField } from "./dynamic-table.js";
import { decodeHuffman } from "./huffman.js";

/** What we let the peer remember; the default, so that nobody has to be told (RFC 9113 §6.5.2). */
const TABLE_BYTES = 4_096;
/** An integer of more than these many bytes is larger than anything that can be meant. */
const INTEGER_BYTES_MAX = 5;

/** Headers by name, in lower case, as latin1; several values of one name are joined by a comma. */
export type HeaderBlock = Readonly<Record<string, string | undefined>>;

/** Decodes a connection's blocks of headers (RFC 7541). Each has to pass through, for each can change the table. */
export class HpackDecoder {
  readonly #table: DynamicTable = new DynamicTable(TABLE_BYTES);
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Throws a `ProtocolError`, after which the connection cannot be used. */
  decode(block: Buffer): HeaderBlock {
    this.#bytes = block;
    this.#at = 0;
    // Without a prototype: names are the peer's.
    const headers: Record<string, string | undefined> = {};
    Reflect.setPrototypeOf(headers, null);
    while (this.#at < block.length) {
      const field = this.#field(block.readUInt8(this.#at));
      if (field === undefined) continue;
      const [name, value] = field;
      const before = headers[name];
      headers[name] = before === undefined ? value : `${before}, ${value}`;
    }
    return headers;
  }

  /** One representation (§6); undefined where it is not a header. */
  #field(first: number): HeaderField | undefined {
    if ((first & 0x80) !== 0) return this.#indexed(this.#integer(7));
    if ((first & 0x40) !== 0) {
      const field = this.#literal(this.#integer(6));
      this.#table.add(field);
      return field;
    }
    if ((first & 0x20) !== 0) {
      const size = this.#integer(5);
      if (size > TABLE_BYTES) throw broken("a table that is larger than was offered");
      this.#table.resize(size);
      return undefined;
    }
    return this.#literal(this.#integer(4));
  }

  #indexed(index: number): HeaderField {
    const field = this.#table.at(index);
    if (field === undefined) throw broken("a header by a number that has none");
    return field;
  }

  #literal(index: number): HeaderField {
    const name = index === 0 ? this.#string() : this.#indexed(index)[0];
    return [name, this.#string()];
  }

  /** §5.1 */
  #integer(prefixBits: number): number {
    const limit = 2 ** prefixBits - 1;
    let value = this.#byte() & limit;
    if (value < limit) return value;
    for (let index = 0; index < INTEGER_BYTES_MAX; index++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if ((byte & 0x80) === 0) return value;
    }
    throw broken("a number without an end");
  }

  /** §5.2 */
  #string(): string {
    const isHuffman = (this.#peek() & 0x80) !== 0;
    const length = this.#integer(7);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw broken("a text that ends behind its block");
    const text = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isHuffman ? decodeHuffman(text) : text.toString("latin1");
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at++;
    return byte;
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw broken("a block that ends within a header");
    return byte;
  }
}

function broken(what: string): ProtocolError {
  return new ProtocolError(ERROR.compression, what);
}
