import { ftruncateSync, readSync, writeSync } from "node:fs";
import { constants, type FileHandle, open, rm } from "node:fs/promises";

const FROM = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CHUNK_BYTES = 256 * 1024;
/** Who appends faster than we copy is not outrun: so much is gone after, and then so many pieces. */
const MOST_CHASED_BYTES = 256 * 1024 * 1024;
const MOST_PIECES = 64;

/**
 * Moves the last `mostBytes` of a regular file, and what is appended meanwhile, to a new file, 0600, and empties it. Its inode
 * stays with whoever appends to it. What is appended between the last look and the emptying is lost: nothing of this process
 * happens in between.
 */
export async function putAside(path: string, aside: string, mostBytes: number): Promise<void> {
  await rm(aside, { force: true });
  await using file = await openRegular(path);
  await using target = await open(aside, "wx", 0o600);
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let at = Math.max(0, size - mostBytes);
  // Until it is caught up with: who appends a whole piece at a time is still ahead.
  for (let bytes = CHUNK_BYTES; bytes === CHUNK_BYTES && at < size + MOST_CHASED_BYTES; at += bytes) {
    ({ bytesRead: bytes } = await file.read(buffer, 0, CHUNK_BYTES, at));
    await writeAll(target, buffer.subarray(0, bytes));
  }
  // What has come since is little, and is moved without a pause.
  for (let chased = 0; chased < MOST_PIECES; chased++) {
    const bytes = readSync(file.fd, buffer, 0, CHUNK_BYTES, at);
    if (bytes === 0) break;
    for (let done = 0; done < bytes;) done += writeSync(target.fd, buffer, done, bytes - done);
    at += bytes;
  }
  ftruncateSync(file.fd, 0);
}

async function writeAll(target: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await target.write(bytes, done)).bytesWritten;
}

async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, FROM);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error(`${path} is not a regular file`), { code: "EINVAL" });
}
