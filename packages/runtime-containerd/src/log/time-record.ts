/**
 * Beside each file of a log stands one with the times of its bytes, so that the log itself is what was written, byte for
 * byte. It is a row of records of one size, so that it can be searched, and so that one that was cut off can be told.
 *
 * A record: the time in milliseconds since 1970 (float64), a position or a count in bytes (uint48), its kind (uint8), zero.
 */
export const RECORD_BYTES = 16;

/**
 * - `start`: the position in the whole log at which this file begins; the first record of each file
 * - `data`: the position at which what was written at this time ends
 * - `end`: the position at which every writer had closed the log
 * - `lost`: so many bytes were not kept, after the position of the record before
 */
export type TimeRecord =
  | { readonly kind: "start" | "data" | "end"; readonly timeMs: number; readonly position: number }
  | { readonly kind: "lost"; readonly timeMs: number; readonly bytes: number };

const KINDS = ["start", "data", "end", "lost"] as const;

export function encodeTimeRecord(record: TimeRecord): Uint8Array {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeDoubleBE(record.timeMs, 0);
  bytes.writeUIntBE(record.kind === "lost" ? record.bytes : record.position, 8, 6);
  bytes.writeUInt8(KINDS.indexOf(record.kind), 14);
  return bytes;
}

/** The records in a piece of such a file; what is not a whole record at its end is left out. */
export function decodeTimeRecords(piece: Uint8Array): TimeRecord[] {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  const records: TimeRecord[] = [];
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const timeMs = bytes.readDoubleBE(at);
    const number = bytes.readUIntBE(at + 8, 6);
    const kind = KINDS[bytes.readUInt8(at + 14)];
    if (kind === "lost") records.push({ kind, timeMs, bytes: number });
    else if (kind !== undefined) records.push({ kind, timeMs, position: number });
  }
  return records;
}

/** Now, in milliseconds since 1970, to the microsecond. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
