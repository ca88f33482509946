import { STATIC_TABLE } from "./static-table.js";

export type HeaderField = readonly [name: string, value: string];

/** What each entry counts beside its text (RFC 7541 §4.1). */
const ENTRY_OVERHEAD = 32;

/** The headers that the peer has given a number to, the newest first, bounded by their size (RFC 7541 §2.3.2, §4). */
export class DynamicTable {
  readonly #entries: HeaderField[] = [];
  #size = 0;
  #maxSize: number;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The header of a number, static ones first; undefined where there is none. */
  at(index: number): HeaderField | undefined {
    return index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#entries[index - STATIC_TABLE.length - 1];
  }

  /** An entry that is larger than the table empties it (§4.4). */
  add(field: HeaderField): void {
    this.#size += sizeOf(field);
    this.#entries.unshift(field);
    this.#evict();
  }

  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#maxSize) {
      const last = this.#entries.pop();
      if (last === undefined) return;
      this.#size -= sizeOf(last);
    }
  }
}

function sizeOf([name, value]: HeaderField): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}
