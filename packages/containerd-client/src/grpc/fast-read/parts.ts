import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Cursor, Unusual } from "./cursor.js";

const MAX_INT32 = 2 ** 31 - 1;

/** A field that is a time. */
export function readTimestamp(cursor: Cursor): Timestamp {
  const timestamp: Timestamp = { $typeName: "google.protobuf.Timestamp", seconds: 0n, nanos: 0 };
  cursor.message((field) => {
    // Go's zero time, which stands for none, is 1,969 years before 1970.
    if (field === 1) timestamp.seconds = cursor.long();
    else if (field === 2) timestamp.nanos = cursor.integer();
    else throw new Unusual();
  });
  if (timestamp.nanos > MAX_INT32) throw new Unusual();
  return timestamp;
}

/** A message that comes in several parts is put together by the general reader. */
export function once<Value>(before: Value | undefined, read: () => Value): Value {
  if (before !== undefined) throw new Unusual();
  return read();
}
