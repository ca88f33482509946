import type { Stats } from "node:fs";
import { padding } from "../archive/tar-header.js";
import { CAPABILITY_RECORD } from "./file-capability.js";

const BLOCK = 512;
const NAME_BYTES = 100;
/** What seven and eleven octal digits can say. */
const LARGEST = { id: 8 ** 7 - 1, size: 8 ** 11 - 1 } as const;

/** The letters of `tar(5)`. */
export type TarType = "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo";
const LETTERS: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

export interface TarHeader {
  readonly type: TarType;
  /** Any bytes: file systems do not ask for UTF-8. */
  readonly name: Buffer;
  readonly stats: Pick<Stats, "mode" | "mtimeMs" | "rdev">;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly link?: Buffer;
  /** What may be done by who runs it, as `readCapability` gives it. */
  readonly capability?: Buffer;
}

/** The blocks before an entry's content: its header, and before that, where something does not fit in, a pax header. */
export function tarHeader(entry: TarHeader): Uint8Array {
  const { name, link = Buffer.alloc(0), uid, gid, size = 0, capability } = entry;
  const records: Buffer[] = [];
  if (name.length > NAME_BYTES) records.push(record("path", name));
  if (link.length > NAME_BYTES) records.push(record("linkpath", link));
  if (size > LARGEST.size) records.push(record("size", Buffer.from(String(size))));
  if (uid > LARGEST.id) records.push(record("uid", Buffer.from(String(uid))));
  if (gid > LARGEST.id) records.push(record("gid", Buffer.from(String(gid))));
  if (capability !== undefined) records.push(record(CAPABILITY_RECORD, capability));
  const own = block(entry, LETTERS[entry.type]);
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  const before = block({ ...entry, name: Buffer.from("pax"), link: Buffer.alloc(0), size: pax.length }, "x");
  return Buffer.concat([before, pax, padding(pax.length), own]);
}

function block(entry: TarHeader, letter: string): Buffer {
  const { name, link = Buffer.alloc(0), uid, gid, size = 0, stats } = entry;
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_BYTES);
  header.write(octal(stats.mode & 0o7777, 7), 100);
  header.write(octal(Math.min(uid, LARGEST.id), 7), 108);
  header.write(octal(Math.min(gid, LARGEST.id), 7), 116);
  header.write(octal(Math.min(size, LARGEST.size), 11), 124);
  header.write(octal(Math.max(0, Math.floor(stats.mtimeMs / 1000)), 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(letter, 156);
  link.copy(header, 157, 0, NAME_BYTES);
  header.write("ustar\0" + "00", 257);
  if (letter === LETTERS.character || letter === LETTERS.block) {
    // As the kernel gives it to programs (`makedev(3)`).
    header.write(octal((stats.rdev >> 8) & 0xfff, 7), 329);
    header.write(octal((stats.rdev & 0xff) | ((stats.rdev >> 12) & 0xfff00), 7), 337);
  }
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

/** "length key=value" and a line end, where the length counts its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
