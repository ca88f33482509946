/** Joins what arrives in small pieces into pieces of about `size` bytes: each costs a message and its answer. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length >= size) {
      yield join(pieces, length);
      pieces = [];
      length = 0;
    }
  }
  if (length > 0) yield join(pieces, length);
}

export function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only, ...more] = pieces;
  if (only !== undefined && more.length === 0) return only;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
