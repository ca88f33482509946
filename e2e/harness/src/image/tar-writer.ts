import { BLOCK, encodeHeader, encodePaxRecords, paxRecordsFor, type TarHeader } from "./tar-header.js";

export interface TarEntry extends Omit<TarHeader, "size"> {
  readonly content?: Uint8Array;
  /** Extended attributes, as `security.capability`. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function encodeEntry(entry: TarEntry): Buffer[] {
  const content = entry.content ?? new Uint8Array();
  const header: TarHeader = { ...entry, size: content.byteLength };
  const records = {
    ...paxRecordsFor(header),
    ...Object.fromEntries(Object.entries(entry.xattrs ?? {}).map(([name, value]) => [`SCHILY.xattr.${name}`, value])),
  };
  const own = [
    encodeHeader(header),
    Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    padding(content.byteLength),
  ];
  if (Object.keys(records).length === 0) return own;
  const body = encodePaxRecords(records);
  const pax = encodeHeader({
    path: "PaxHeaders/entry",
    type: "pax",
    size: body.byteLength,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
  });
  return [pax, body, padding(body.byteLength), ...own];
}

/** An archive of the entries, in their order and with nothing in it but what they say: the same in, the same out. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(encodeEntry), Buffer.alloc(2 * BLOCK)]);
}
