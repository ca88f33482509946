import type { SegmentCursor } from "./segment-cursor.js";

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 10;

/** The position at which the last `lines` lines of a log begin; read from its end backwards. */
export async function tailStart(cursor: SegmentCursor, lines: number): Promise<number> {
  const end = await cursor.end();
  let wanted = lines;
  for (let position = end; position > 0;) {
    const segment = await cursor.open(position - 1);
    if (segment === undefined || segment.start > position - 1) {
      await segment?.file.close();
      return position;
    }
    try {
      while (position > segment.start) {
        const size = Math.min(BLOCK_BYTES, position - segment.start);
        const from = position - size;
        const { buffer, bytesRead } = await segment.file.read(Buffer.alloc(size), 0, size, from - segment.start);
        for (let at = bytesRead - 1; at >= 0; at--) {
          // The one at the very end ends the last line, and begins none.
          if (buffer[at] === NEWLINE && from + at !== end - 1 && --wanted <= 0) return from + at + 1;
        }
        position = from;
      }
    } finally {
      await segment.file.close();
    }
  }
  return 0;
}
