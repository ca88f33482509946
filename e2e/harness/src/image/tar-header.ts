/** What one header of an archive says (POSIX.1-1988 ustar). */
export interface TarHeader {
  readonly path: string;
  readonly type: TarType;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Of links. */
  readonly target?: string;
  /** Of devices. */
  readonly major?: number;
  readonly minor?: number;
}

export type TarType = "file" | "hardlink" | "symlink" | "character" | "block" | "directory" | "fifo" | "pax";

const TYPE_FLAGS: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
  pax: "x",
};

export const BLOCK = 512;
const MAX_OCTAL_8 = 0o7777777;
const MAX_OCTAL_12 = 0o77777777777;

/** Splits a path into ustar's prefix (155 bytes) and name (100 bytes) at a slash; undefined where that is not possible. */
function splitPath(path: string): { prefix: string; name: string } | undefined {
  if (!/^[\x20-\x7e]*$/u.test(path)) return undefined;
  if (path.length <= 100) return { prefix: "", name: path };
  for (let slash = path.indexOf("/"); slash !== -1 && slash <= 155; slash = path.indexOf("/", slash + 1)) {
    const name = path.slice(slash + 1);
    if (slash > 0 && name.length <= 100 && name !== "") return { prefix: path.slice(0, slash), name };
  }
  return undefined;
}

/** The values that do not fit into a ustar header, as pax records (POSIX.1-2001); empty where all fit. */
export function paxRecordsFor(header: TarHeader): Record<string, string> {
  const target = header.target ?? "";
  return {
    ...(splitPath(header.path) === undefined ? { path: header.path } : {}),
    ...(target.length > 100 || !/^[\x20-\x7e]*$/u.test(target) ? { linkpath: target } : {}),
    ...(header.size > MAX_OCTAL_12 ? { size: String(header.size) } : {}),
    ...(header.uid > MAX_OCTAL_8 ? { uid: String(header.uid) } : {}),
    ...(header.gid > MAX_OCTAL_8 ? { gid: String(header.gid) } : {}),
  };
}

/** One header block. Values that do not fit are cut: their pax records say the truth. */
export function encodeHeader(header: TarHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  const text = (offset: number, length: number, value: string): void =>
    void block.write(value.replace(/[^\x20-\x7e]/gu, "_").slice(0, length), offset, "ascii");
  // Digits up to the last byte, which stays the zero that ends them.
  const octal = (offset: number, length: number, value: number, max: number): void => {
    text(
      offset,
      length - 1,
      Math.min(value, max)
        .toString(8)
        .padStart(length - 1, "0"),
    );
  };
  const split = splitPath(header.path) ?? { prefix: "", name: header.path };
  text(0, 100, split.name);
  octal(100, 8, header.mode, MAX_OCTAL_8);
  octal(108, 8, header.uid, MAX_OCTAL_8);
  octal(116, 8, header.gid, MAX_OCTAL_8);
  octal(124, 12, header.size, MAX_OCTAL_12);
  octal(136, 12, header.mtime, MAX_OCTAL_12);
  block.fill(" ", 148, 156);
  text(156, 1, TYPE_FLAGS[header.type]);
  text(157, 100, header.target ?? "");
  block.write("ustar\x0000", 257, "latin1");
  octal(329, 8, header.major ?? 0, MAX_OCTAL_8);
  octal(337, 8, header.minor ?? 0, MAX_OCTAL_8);
  text(345, 155, split.prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** The body of a pax header: `<length> <key>=<value>\n`, the length counting itself. */
export function encodePaxRecords(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    if (rest + String(length).length !== length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return Buffer.from(lines.join(""));
}
