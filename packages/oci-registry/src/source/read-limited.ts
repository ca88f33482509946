/** All bytes of a stream, or `undefined` as soon as it turns out to have more than `limit`; the rest is then not read. */
export async function readLimited(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limit) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}
