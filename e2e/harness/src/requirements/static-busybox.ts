import { readFile } from "node:fs/promises";
import { orIfAbsent } from "../process/error-code.js";

/** The last is where `tools/install-host.mjs` puts one that cannot be installed as a package. */
const CANDIDATES = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/local/lib/voiyd-harness/busybox"];
const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const PT_INTERP = 3;

/** Whether a program is an ELF file that needs no dynamic linker (no PT_INTERP segment; little-endian, elf(5)). */
export function isStaticElf(program: Buffer): boolean {
  if (program.length < 64 || !program.subarray(0, 4).equals(ELF_MAGIC)) return false;
  const is64 = program[4] === 2;
  const start = is64 ? Number(program.readBigUInt64LE(32)) : program.readUInt32LE(28);
  const size = program.readUInt16LE(is64 ? 54 : 42);
  const count = program.readUInt16LE(is64 ? 56 : 44);
  if (start + size * count > program.length) return false;
  return !Array.from({ length: count }, (_, index) => program.readUInt32LE(start + index * size)).includes(PT_INTERP);
}

/** A busybox of this machine that runs in an image without libraries. */
export async function findStaticBusybox(candidates: readonly string[] = CANDIDATES): Promise<string | undefined> {
  for (const path of candidates) {
    const program = await orIfAbsent(readFile(path), undefined);
    if (program !== undefined && isStaticElf(program)) return path;
  }
  return undefined;
}
