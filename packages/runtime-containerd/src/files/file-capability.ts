import type { FileHandle } from "node:fs/promises";
import { brokenKoffi, type Call, findKoffi } from "../native/koffi.js";
import { fileError } from "./copy-error.js";
import type { IdMap } from "./id-map.js";

/** Where archives have it, by the convention of Docker, GNU tar and others. */
export const CAPABILITY_RECORD = "SCHILY.xattr.security.capability";

const ATTRIBUTE = "security.capability";
/** Of `linux/capability.h`: the highest byte of the first word is the revision, and what revision 3 has more is whose root it is. */
const REVISION = { at: 3, two: 2, three: 3 } as const;
const SIZE = { two: 20, three: 24 } as const;
/** `ENODATA`, `EOPNOTSUPP`: the file has none, its file system has none. */
const NONE: readonly number[] = [61, 95];
const ERRNO_NAMES: Readonly<Record<number, string>> = { 1: "EPERM", 22: "EINVAL", 28: "ENOSPC", 30: "EROFS" };

interface Attributes {
  readonly get: Call;
  readonly set: Call;
  readonly errno: () => number;
}

let loaded: { readonly calls: Attributes | undefined } | undefined;

/** Node.js does not know of extended attributes. Without `koffi` there are none: what a copy can do without it, it does. */
function attributes(): Attributes | undefined {
  loaded ??= { calls: load() };
  return loaded.calls;
}

/** One that is there and does not work is no such case: nobody would learn that his programs lose what they may. */
function load(): Attributes | undefined {
  const koffi = findKoffi();
  if (koffi === undefined) return undefined;
  try {
    const libc = koffi.load(null);
    return {
      get: libc.func("int64_t fgetxattr(int file, const char *name, void *value, size_t size)"),
      set: libc.func("int fsetxattr(int file, const char *name, const void *value, size_t size, int flags)"),
      errno: () => koffi.errno(),
    };
  } catch (error) {
    throw brokenKoffi(error);
  }
}

/**
 * What a program may that is run from a regular file (`capabilities(7)`), as an archive has it: for the root of whoever
 * unpacks it. Undefined for one that may nothing, or only for a root that is not the container's.
 */
export function readCapability(file: FileHandle, ids: IdMap): Buffer | undefined {
  const calls = attributes();
  if (calls === undefined) return undefined;
  const value = Buffer.alloc(SIZE.three);
  const length = Number(calls.get(file.fd, ATTRIBUTE, value, value.length));
  if (length < 0) {
    const errno = calls.errno();
    if (NONE.includes(errno)) return undefined;
    throw failed("fgetxattr", errno);
  }
  if (value[REVISION.at] === REVISION.two && length === SIZE.two) return value.subarray(0, SIZE.two);
  if (value[REVISION.at] !== REVISION.three || length !== SIZE.three) return undefined;
  if (ids.inside("uid", value.readUInt32LE(SIZE.two)) !== 0) return undefined;
  value[REVISION.at] = REVISION.two;
  return value.subarray(0, SIZE.two);
}

/** Whether it is what {@link readCapability} gives. */
export function isCapability(value: Buffer): boolean {
  return value.length === SIZE.two && value[REVISION.at] === REVISION.two;
}

/** To be called after the owner is set, which takes it away. On a file system without attributes it does nothing. */
export function writeCapability(file: FileHandle, value: Buffer, path: string): void {
  const calls = attributes();
  if (calls === undefined || Number(calls.set(file.fd, ATTRIBUTE, value, value.length, 0)) === 0) return;
  const errno = calls.errno();
  if (!NONE.includes(errno)) throw fileError(failed("fsetxattr", errno), path);
}

function failed(call: string, errno: number): Error {
  return Object.assign(new Error(`${call} failed with error ${String(errno)}`), {
    code: ERRNO_NAMES[errno] ?? `error ${String(errno)}`,
  });
}
