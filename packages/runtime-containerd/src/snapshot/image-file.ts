import type { FileHandle } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import { type FileStore, hasCode } from "../host/file-store.js";
import { pathInRoot } from "./path-in-root.js";

/** As containerd: no account file is larger, and what is larger is an attack. */
const MAX_BYTES = 10 * 1024 * 1024;

/** The text of a regular file below `root`; undefined when there is none. */
export async function readImageFile(files: FileStore, root: string, path: string): Promise<string | undefined> {
  const found = await pathInRoot(root, path);
  return found === undefined ? undefined : readRegularFile(files, found, path);
}

/** The same for a file whose place on the host is known. `path` is what errors call it. */
export async function readRegularFile(files: FileStore, found: string, path: string): Promise<string> {
  const file = await open(files, found, path);
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) {
      throw new RuntimeError("IMAGE_INVALID", `${path} of the image has ${String(size)} bytes`, {
        hint: `at most ${String(MAX_BYTES)} are read`,
      });
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** A pipe, a device or a folder in the place of a file is the image's doing. */
async function open(files: FileStore, found: string, path: string): Promise<FileHandle> {
  try {
    return await files.openRegular(found);
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ELOOP", "EISDIR", "ENXIO")) throw error;
    throw new RuntimeError("IMAGE_INVALID", `${path} of the image is no regular file`, { cause: error });
  }
}
