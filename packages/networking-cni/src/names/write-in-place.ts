import { constants, open, type FileHandle } from "node:fs/promises";
import { errorCode } from "../plugin/error-code.js";

/** A hosts file of more bytes is not read: a container may write to its own what it likes. */
const READ_LIMIT_BYTES = 1024 * 1024;
const NO_FOLLOW = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * Changes a text file without replacing it: a container has this very inode mounted, and would keep a replaced one. A
 * link in its place is not followed. Resolves with whether there was such a file; with `create` there always is.
 */
export async function changeInPlace(
  path: string,
  change: (text: string) => string,
  { create = false }: { readonly create?: boolean } = {},
): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, create ? NO_FOLLOW | constants.O_CREAT : NO_FOLLOW, 0o644);
  } catch (error) {
    if (!create && errorCode(error) === "ENOENT") return false;
    throw error;
  }
  try {
    const before = (await file.stat()).size <= READ_LIMIT_BYTES ? await file.readFile("utf8") : undefined;
    const after = change(before ?? "");
    if (after === before) return true;
    const bytes = Buffer.from(after);
    // One write and then the cut: who reads meanwhile sees old lines after new ones at worst, and never an empty file.
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
    await file.truncate(bytes.length);
    return true;
  } finally {
    await file.close();
  }
}
