import { RuntimeError } from "@voiyd/runtime-api";

/** A file or folder in an archive. */
export interface TarFile {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly mode: number;
  readonly modified: Date;
  /** Empty for a folder. */
  readonly content: Uint8Array;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_AT = 345;
const PREFIX_BYTES = 155;
const MAGIC = "ustar\0";

/** An archive (`pax(1)`, ustar). Throws `UNIMPLEMENTED` for names that do not fit into the two fields that it has for them. */
export function writeTar(files: readonly TarFile[]): Uint8Array {
  const blocks = files.flatMap((file) => {
    const data = Buffer.alloc(Math.ceil(file.content.length / BLOCK) * BLOCK);
    data.set(file.content);
    return [headerOf(file), data];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** Throws `INVALID_ARGUMENT` for what is no archive, and `UNIMPLEMENTED` for entries that are neither files nor folders. */
export function readTar(archive: Uint8Array): readonly TarFile[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: TarFile[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length === BLOCK && header.every((byte) => byte === 0)) break;
    if (header.length < BLOCK || number(header, 148, 8) !== sumOf(header)) throw damaged("has a header that is none");
    const size = number(header, 124, 12);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw damaged("ends in the middle of a file");
    // GNU's own format has other things there.
    const prefix = header.toString("latin1", 257, 263) === MAGIC ? text(header, PREFIX_AT, PREFIX_BYTES) : "";
    files.push({
      path: `${prefix === "" ? "" : `${prefix}/`}${text(header, 0, NAME_BYTES)}`,
      kind: kindOf(header),
      mode: number(header, 100, 8) & 0o7777,
      modified: new Date(number(header, 136, 12) * 1000),
      content: Uint8Array.from(content),
    });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function headerOf({ path, kind, mode, modified, content }: TarFile): Buffer {
  const [prefix, name] = split(Buffer.from(kind === "directory" ? `${path}/` : path));
  if (prefix.length > PREFIX_BYTES || name.length > NAME_BYTES)
    throw new RuntimeError("UNIMPLEMENTED", `${path} is too long for the simulation`);
  const header = Buffer.alloc(BLOCK);
  name.copy(header);
  prefix.copy(header, PREFIX_AT);
  const fields = [mode, 0, 0].map((value) => `${octal(value, 7)}\0`);
  header.write(fields.join(""), 100);
  header.write(octal(content.length, 11), 124);
  header.write(octal(Math.floor(modified.getTime() / 1000), 11), 136);
  header.write(kind === "directory" ? "5" : "0", 156);
  header.write(`${MAGIC}00`, 257);
  header.write(`${octal(sumOf(header), 6)}\0 `, 148);
  return header;
}

/** At the first slash after which the rest is short enough. */
function split(name: Buffer): readonly [prefix: Buffer, name: Buffer] {
  const slash = name.length > NAME_BYTES ? name.indexOf("/", name.length - NAME_BYTES - 1) : -1;
  return slash === -1 ? [Buffer.alloc(0), name] : [name.subarray(0, slash), name.subarray(slash + 1)];
}

function kindOf(header: Buffer): TarFile["kind"] {
  const letter = text(header, 156, 1);
  if (letter === "5") return "directory";
  if (letter === "0" || letter === "") return "file";
  throw new RuntimeError("UNIMPLEMENTED", "the simulation has files and folders, and no links or devices");
}

/** Of all bytes, where its own field counts as spaces. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

function number(header: Buffer, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : NaN;
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function damaged(problem: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `the archive ${problem}`);
}
