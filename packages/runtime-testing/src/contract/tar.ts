/** When the file in the archive was last written, in milliseconds since 1970. */
export const MODIFIED = 1_700_000_000_000;
export const BLOCK = 512;

/** An archive of one file (`pax(1)`, ustar). */
export function tarOf(name: string, content: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write("0000640\0" + "0000000\0" + "0000000\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(`${(MODIFIED / 1000).toString(8).padStart(11, "0")}\0`, 136);
  header.write(" ".repeat(8) + "0", 148);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const data = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK);
  data.write(content);
  return Buffer.concat([header, data, Buffer.alloc(2 * BLOCK)]);
}

/** In pieces that do not care for the archive's blocks. */
export async function* chunksOf(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += 300) yield await Promise.resolve(data.subarray(at, at + 300));
}
