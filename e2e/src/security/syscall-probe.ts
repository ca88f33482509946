/** The first and the last number that is tried; Linux 6.18 has 0 to 469 on x86-64. */
export const LAST_CALL = 470;

/**
 * Calls that would end the probe, stop it, split it in two, or make the whole host wait, whatever their arguments are;
 * and three (uretprobe, uprobe, restart_syscall) that only the kernel itself may cause.
 */
export const LEFT_OUT: ReadonlyMap<number, string> = new Map([
  [15, "rt_sigreturn"],
  [34, "pause"],
  [56, "clone"],
  [57, "fork"],
  [58, "vfork"],
  [60, "exit"],
  [162, "sync"],
  [219, "restart_syscall"],
  [231, "exit_group"],
  [335, "uretprobe"],
  [336, "uprobe"],
  [435, "clone3"],
]);

const BASE = 0x400000;
const HEADERS = 64 + 56;
/** Room for one answer: the number and the result. */
const ANSWER_BYTES = 8;

/**
 * A static ELF program for x86-64 that makes every system call from 0 to {@link LAST_CALL} with all six arguments -1, and
 * writes the number and the result of each, as two 32-bit integers, to its standard output. With such arguments a call
 * that is let through fails in its own way, and does nothing.
 */
export function syscallProbe(): Buffer {
  const bitmap = Buffer.alloc(Math.ceil((LAST_CALL + 1) / 32) * 4);
  for (const number of LEFT_OUT.keys()) bitmap[number >> 3] = (bitmap[number >> 3] ?? 0) | (1 << (number & 7));

  // The data stands behind the code; its addresses are known once the code's length is.
  const assemble = (bitmapAt: number, answerAt: number): Buffer => {
    const loop = Buffer.concat([
      bytes(0x0f, 0xa3, 0x1c, 0x25),
      address(bitmapAt), // bt [bitmap], ebx
      bytes(0x72, 0), // jc next
      bytes(0x89, 0xd8), // mov eax, ebx
      bytes(0x48, 0x83, 0xcf, 0xff), // or rdi, -1
      bytes(0x48, 0x83, 0xce, 0xff), // or rsi, -1
      bytes(0x48, 0x83, 0xca, 0xff), // or rdx, -1
      bytes(0x49, 0x83, 0xca, 0xff), // or r10, -1
      bytes(0x49, 0x83, 0xc8, 0xff), // or r8, -1
      bytes(0x49, 0x83, 0xc9, 0xff), // or r9, -1
      bytes(0x0f, 0x05), // syscall
      bytes(0x89, 0x1c, 0x25),
      address(answerAt), // mov [answer], ebx
      bytes(0x89, 0x04, 0x25),
      address(answerAt + 4), // mov [answer + 4], eax
      bytes(0xb8, 1, 0, 0, 0), // mov eax, 1 (write)
      bytes(0xbf, 1, 0, 0, 0), // mov edi, 1
      bytes(0xbe),
      address(answerAt), // mov esi, answer
      bytes(0xba, ANSWER_BYTES, 0, 0, 0), // mov edx, 8
      bytes(0x0f, 0x05), // syscall
    ]);
    const JC_AT = 8;
    loop[JC_AT + 1] = loop.length - (JC_AT + 2);
    const next = bytes(0xff, 0xc3, 0x81, 0xfb); // inc ebx; cmp ebx, …
    const jumpBack = -(loop.length + next.length + 4 + 6);
    return Buffer.concat([
      bytes(0x31, 0xdb), // xor ebx, ebx
      loop,
      next,
      address(LAST_CALL + 1),
      bytes(0x0f, 0x8c),
      address(jumpBack), // jl loop
      bytes(0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05), // exit_group(0)
    ]);
  };
  const codeLength = assemble(0, 0).length;
  const bitmapAt = BASE + HEADERS + codeLength;
  const answerAt = bitmapAt + bitmap.length;
  return Buffer.concat([
    elfHeader(codeLength + bitmap.length + ANSWER_BYTES),
    assemble(bitmapAt, answerAt),
    bitmap,
    Buffer.alloc(ANSWER_BYTES),
  ]);
}

/** What is added to a call's number by programs for x32. */
const X32 = 0x4000_0000;

/**
 * A static ELF program that asks for its process id once, by the table of system calls that is named, and ends with 7. The
 * way of 32-bit programs is open to 64-bit ones as well.
 */
export function oneCallProbe(table: "x86-64" | "x86" | "x32"): Buffer {
  const getpid = {
    "x86-64": Buffer.concat([bytes(0xb8), address(39), bytes(0x0f, 0x05)]), // mov eax, 39; syscall
    x86: Buffer.concat([bytes(0xb8), address(20), bytes(0xcd, 0x80)]), // mov eax, 20; int 0x80
    x32: Buffer.concat([bytes(0xb8), address(X32 + 39), bytes(0x0f, 0x05)]), // mov eax, 0x40000027; syscall
  }[table];
  const exit = bytes(0xbf, 7, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05); // exit_group(7)
  return Buffer.concat([elfHeader(getpid.length + exit.length), getpid, exit]);
}

function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

function address(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

/** `elf(5)`: one loadable segment with everything in it, readable, writable and executable. */
function elfHeader(length: number): Buffer {
  const header = Buffer.alloc(HEADERS);
  header.write("\x7fELF", 0, "latin1");
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(62, 18); // EM_X86_64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(BASE + HEADERS), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(7, 68);
  header.writeBigUInt64LE(BigInt(BASE), 80);
  header.writeBigUInt64LE(BigInt(BASE), 88);
  header.writeBigUInt64LE(BigInt(HEADERS + length), 96);
  header.writeBigUInt64LE(BigInt(HEADERS + length), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return header;
}

/** The results by number, of the probe's output. */
export function readAnswers(output: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  const count = Math.floor(output.byteLength / ANSWER_BYTES);
  return new Map(
    Array.from(
      { length: count },
      (_, index) => [view.getInt32(index * ANSWER_BYTES, true), view.getInt32(index * ANSWER_BYTES + 4, true)] as const,
    ),
  );
}
