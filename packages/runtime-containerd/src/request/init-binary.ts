import { open } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import { findProgram } from "../host/find-program.js";

/** Small first processes, as distributions name them: each takes `-- command` and needs nothing else. */
const CANDIDATES: readonly string[] = ["tini-static", "docker-init", "catatonit", "tini"];

/**
 * The host's init binary for containers. It has to be linked statically, because a container has no library of the
 * host. Throws `FAILED_PRECONDITION` when there is none.
 */
export async function findInitBinary(path?: string): Promise<string> {
  for (const name of CANDIDATES) {
    const found = await findProgram(name, path);
    if (found !== undefined && (await isStatic(found))) return found;
  }
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    `init: this host has no small first process: none of ${CANDIDATES.join(", ")}, linked statically`,
    {
      hint: "install one of them, or leave init out",
      details: { option: "init" },
    },
  );
}

const PT_INTERP = 3;
/** Far more than any program has segments. */
const MAX_SEGMENTS = 64;

/** Whether a 64-bit little-endian ELF file (`elf(5)`) asks for no loader. */
export async function isStatic(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(64);
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    const is64BitLittleEndian = header.toString("latin1", 0, 4) === "\x7fELF" && header[4] === 2 && header[5] === 1;
    if (bytesRead < header.length || !is64BitLittleEndian) return false;
    const offset = Number(header.readBigUInt64LE(32));
    const size = header.readUInt16LE(54);
    const count = header.readUInt16LE(56);
    if (count === 0 || count > MAX_SEGMENTS || size < 4 || size > 128) return false;
    const table = Buffer.alloc(size * count);
    await file.read(table, 0, table.length, offset);
    return !Array.from({ length: count }, (_, index) => table.readUInt32LE(index * size)).includes(PT_INTERP);
  } finally {
    await file.close();
  }
}
