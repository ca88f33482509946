import { RuntimeError } from "@voiyd/runtime-api";
import { hasCode } from "../host/file-store.js";

/** A file that is shorter than it was when its header was written. */
export function changed(name: string, cause?: unknown): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${name} was changed while it was copied`, {
    hint: "pause the container, or stop it, and copy again",
    ...(cause === undefined ? {} : { cause }),
  });
}

export function tooDeep(name: string, most: number): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `a folder is more than ${String(most)} folders deep`, {
    details: { path: name.slice(0, 200) },
  });
}

/** What is wrong with an archive that somebody wants to be unpacked. */
export function badArchive(problem: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `the archive ${problem}`);
}

const SAID: Readonly<Record<string, string>> = {
  EROFS: "it is on a file system that is mounted read-only",
  EBUSY: "something is mounted there, or in use",
  ENOTDIR: "a part of the path is no folder",
  ELOOP: "a symlink stands where none was, or there are too many",
  EEXIST: "something came there meanwhile",
  EISDIR: "a folder is there",
  ENAMETOOLONG: "a name is too long",
  ENOENT: "it went away meanwhile",
  ENXIO: "it is a device without anything behind it",
  EXDEV: "a hard link cannot lead to another file system",
  EINVAL: "its file system does not take it",
};

/** Says of what the system answers where in the container it was. Others pass unchanged. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof RuntimeError || !hasCode(error, ...Object.keys(SAID))) return error;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return new RuntimeError("FAILED_PRECONDITION", `${path}: ${SAID[code] ?? code}`, { cause: error, details: { path } });
}
