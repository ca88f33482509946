const BLOCK = 512;
/** What eleven octal digits can say. */
const LARGEST_OCTAL = 8 ** 11 - 1;

/** The header of an ordinary file (POSIX ustar; sizes from 8 GiB up as GNU writes them). Paths are ours, and short. */
export function fileHeader(path: string, size: number): Uint8Array {
  return header(path, size, "0", 0o644);
}

export function folderHeader(path: string): Uint8Array {
  return header(`${path}/`, 0, "5", 0o755);
}

/** What fills a file's last block. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two blocks of zeros end an archive. */
export function archiveEnd(): Uint8Array {
  return new Uint8Array(2 * BLOCK);
}

function header(path: string, size: number, type: string, mode: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new RangeError("a path in the archive is too long");
  block.write(path, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  if (size <= LARGEST_OCTAL) block.write(octal(size, 11), 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  // No time: the same images make the same archive.
  block.write(octal(0, 11), 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
