import { createRequire } from "node:module";

/**
 * A file of this package, by the name that others have for it. This code is built as a module and as CommonJS, and bundled
 * by others, so where it is can only be told at run time: from the place in which an error of its own was made.
 */
export function packageFile(name: string): string {
  return createRequire(ownFile()).resolve(`@voiyd/runtime-containerd/${name}`);
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
