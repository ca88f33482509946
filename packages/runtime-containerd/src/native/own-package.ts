import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import { hasCode } from "../host/file-store.js";

/**
 * A file of this package, by the name that others have for it. This code is built as a module and as CommonJS, and bundled
 * by others, so where it is can only be told at run time: from the place in which an error of its own was made.
 */
export function packageFile(name: string): string {
  return resolveFrom(ownFile(), name);
}

/** The same; undefined where there is only the code: bundled, without the package beside it, or in a program that is one file. */
export function findPackageFile(name: string): string | undefined {
  const file = ownFile();
  // What is in a program that is one file has a name, and no path.
  if (!isAbsolute(file) && !file.startsWith("file:")) return undefined;
  try {
    return resolveFrom(file, name);
  } catch (error) {
    if (hasCode(error, "MODULE_NOT_FOUND")) return undefined;
    throw error;
  }
}

function resolveFrom(file: string, name: string): string {
  return createRequire(file).resolve(`@voiyd/runtime-containerd/${name}`);
}

function ownFile(): string {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    Error.prepareStackTrace = (_error, sites) => sites[0]?.getFileName();
    const file: unknown = new Error().stack;
    if (typeof file !== "string") throw new Error("the files of @voiyd/runtime-containerd cannot be found");
    return file;
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
}
