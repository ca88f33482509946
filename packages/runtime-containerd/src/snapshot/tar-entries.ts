/** An entry of a tar archive, as far as somebody who looks for files needs it. */
export interface TarEntry {
  /** Without a leading `./` or `/`, and without a slash at its end. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "fifo" | "device" | "other";
  readonly link: string;
  readonly size: number;
  /** Twelve bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: Date;
  /** The records of pax headers before it (`pax(1)`). Of an extended attribute each byte is a character. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The content, up to `limit` bytes; undefined when it has more. Read it before asking for the next entry, or not at all. */
  content(limit: number): Promise<Buffer | undefined>;
  /** The content as it comes, for large files. To be read before the next entry is asked for; the rest is passed over. */
  stream(): AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Records of extended attributes, which are bytes and no text. */
const ATTRIBUTE_PREFIX = "SCHILY.xattr.";
/** More than any name that a file system takes. */
const MAX_NAME = 64 * 1024;

async function* later(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

/** Hands out exactly as many bytes as are asked for. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : later(source);
  }

  async read(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#buffer.length === 0 && !(await this.#fill())) break;
      const piece = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(piece.length);
      pieces.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** Up to `length` bytes, as they lie ready. Empty at the end. */
  async some(length: number): Promise<Buffer> {
    if (this.#buffer.length === 0 && !(await this.#fill())) return Buffer.alloc(0);
    const piece = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(piece.length);
    return piece;
  }

  async skip(length: number): Promise<void> {
    let missing = length;
    while (missing > 0) {
      if (this.#buffer.length === 0 && !(await this.#fill())) return;
      const step = Math.min(missing, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(step);
      missing -= step;
    }
  }

  /** To be called by whoever stops before the end. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) {
      this.#ended = true;
      return false;
    }
    this.#buffer = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    return true;
  }
}

export interface TarOptions {
  /** Called where the archive is damaged or ends too early; throws. Default: what follows is not there. */
  readonly damaged?: (problem: string) => never;
}

/**
 * Reads a tar archive (pax and GNU long names included) without unpacking anything: nothing of it becomes a file.
 * Ends at the archive's end, or at the first header that is none. Closes the source where the reader stops before its end.
 */
export async function* tarEntries(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: TarOptions = {},
): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source);
  try {
    yield* entriesOf(reader, options);
    // Whoever writes the archive wants to be rid of the blocks that fill its end.
    if (options.damaged !== undefined) await reader.skip(Infinity);
  } finally {
    await reader.close();
  }
}

async function* entriesOf(reader: ByteReader, { damaged }: TarOptions): AsyncGenerator<TarEntry> {
  let extended = new Map<string, string>();
  for (;;) {
    const header = await reader.read(BLOCK);
    if (header.length === 0 || (header.length === BLOCK && header.every((byte) => byte === 0))) return;
    const size = number(header, 124, 12);
    if (header.length < BLOCK || size === undefined || !hasChecksum(header)) {
      damaged?.("has a header that is none");
      return;
    }
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    const type = header.toString("latin1", 156, 157);
    if ("xLKg".includes(type)) {
      if (size > MAX_NAME) {
        damaged?.("has a header that is too large");
        return;
      }
      const data = await reader.read(padded);
      if (type === "x") extended = new Map([...extended, ...paxRecords(data.subarray(0, size))]);
      if (type === "L") extended.set("path", cString(data, 0, size));
      if (type === "K") extended.set("linkpath", cString(data, 0, size));
      continue;
    }
    const prefix = header.toString("latin1", 257, 262) === "ustar" ? cString(header, 345, 155) : "";
    const name = cString(header, 0, 100);
    const realSize = Number(extended.get("size") ?? size);
    let left = Math.ceil(realSize / BLOCK) * BLOCK;
    yield {
      path: clean(extended.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`)),
      kind: KINDS[type] ?? "other",
      link: extended.get("linkpath") ?? cString(header, 157, 100),
      size: realSize,
      mode: (number(header, 100, 8) ?? 0) & 0o7777,
      uid: Number(extended.get("uid") ?? number(header, 108, 8) ?? 0),
      gid: Number(extended.get("gid") ?? number(header, 116, 8) ?? 0),
      modified: new Date(Number(extended.get("mtime") ?? number(header, 136, 12) ?? 0) * 1000),
      attributes: extended,
      async content(limit) {
        if (realSize > limit) return undefined;
        const data = await reader.read(left);
        left = 0;
        return data.subarray(0, realSize);
      },
      async *stream() {
        for (let rest = realSize; rest > 0;) {
          const piece = await reader.some(rest);
          if (piece.length === 0) {
            damaged?.("ends in the middle of a file");
            return;
          }
          rest -= piece.length;
          left -= piece.length;
          yield piece;
        }
      },
    };
    await reader.skip(left);
    extended = new Map();
  }
}

const KINDS: Readonly<Record<string, TarEntry["kind"]>> = {
  "0": "file",
  "\0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "directory",
  "6": "fifo",
  "7": "file",
};

function clean(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

function cString(buffer: Buffer, start: number, length: number): string {
  const field = buffer.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? field.length : end);
}

/** Octal text, or, where the first bit is set, a big-endian number (GNU). */
function number(buffer: Buffer, start: number, length: number): number | undefined {
  const field = buffer.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = field.toString("latin1").replace(/\0/g, " ").trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === "" ? "0" : text, 8) : undefined;
}

function hasChecksum(header: Buffer): boolean {
  const stated = number(header, 148, 8);
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return stated === sum;
}

/** `pax(1)`: "length key=value" and a line end, the length that of the whole record. */
function paxRecords(data: Buffer): readonly (readonly [string, string])[] {
  const records: (readonly [string, string])[] = [];
  let rest = data;
  while (rest.length > 0) {
    const length = Number.parseInt(rest.toString("latin1", 0, 20), 10);
    if (!(length > 0 && length <= rest.length)) break;
    const record = rest.subarray(rest.indexOf(" ") + 1, length - 1);
    const at = record.includes("=") ? record.indexOf("=") : record.length;
    const key = record.toString("utf8", 0, at);
    records.push([key, record.toString(key.startsWith(ATTRIBUTE_PREFIX) ? "latin1" : "utf8", at + 1)]);
    rest = rest.subarray(length);
  }
  return records;
}
