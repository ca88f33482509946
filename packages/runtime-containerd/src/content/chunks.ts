/** Pieces of any size. Who takes `memory` may fill it, and give the part of it that is filled as the next piece. */
export type Pieces = AsyncIterable<Uint8Array> | ((memory: () => Uint8Array) => AsyncIterable<Uint8Array>);

/**
 * Gathers what arrives in small pieces into chunks of `size` bytes, the last one shorter: each costs a message and its
 * answer. They lie in `buffers` buffers that are filled in turn, because blobs are long and memory that is given up has to
 * be collected: a chunk must be done with before as many later ones have been taken.
 */
export async function* chunksOf(source: Pieces, size: number, buffers: number): AsyncGenerator<Uint8Array> {
  const ring: Uint8Array[] = [];
  let turn = 0;
  let length = 0;
  const current = (): Uint8Array => (ring[turn] ??= new Uint8Array(size));
  const pieces = typeof source === "function" ? source(() => current().subarray(length)) : source;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      const chunk = current();
      const part = piece.subarray(taken, taken + size - length);
      const isInPlace = part.buffer === chunk.buffer && part.byteOffset === chunk.byteOffset + length;
      if (!isInPlace) chunk.set(part, length);
      length += part.length;
      taken += part.length;
      if (length < size) continue;
      yield chunk;
      turn = (turn + 1) % buffers;
      length = 0;
    }
  }
  if (length > 0) yield current().subarray(0, length);
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
