import { createRequire } from "node:module";

/**
 * The program of the log process. This code is built as a module and as CommonJS, and bundled by others, so where it is
 * can only be told at run time: from the place in which an error of its own was made.
 */
export function logProgramPath(): string {
  return createRequire(ownFile()).resolve("@voiyd/runtime-containerd/log-process");
}

function ownFile(): string {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    Error.prepareStackTrace = (_error, sites) => sites[0]?.getFileName();
    const file: unknown = new Error().stack;
    if (typeof file !== "string") throw new Error("the log process's program cannot be found");
    return file;
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
}
