import { mkdir, rm, rmdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "@voiyd/harness";

/** A disk of its own, small enough to be filled up. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param path a folder that does not exist */
  static async mount(path: string, sizeKiB: number): Promise<SmallDisk> {
    await mkdir(path);
    await execute("mount", ["-t", "tmpfs", "-o", `size=${String(sizeKiB)}k`, "tmpfs", path]);
    return new SmallDisk(path);
  }

  /** Fills it but for `leave` bytes; disposing of what it resolves with makes room again. */
  fill(leave = 0): Promise<AsyncDisposable> {
    return fill(this.path, leave);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execute("umount", [this.path]);
    await rmdir(this.path);
  }
}

/** Fills the disk of a folder, which must be nobody else's, but for `leave` bytes. */
export async function fill(folder: string, leave = 0): Promise<AsyncDisposable> {
  const { bavail, bsize } = await statfs(folder);
  const file = join(folder, "filler");
  await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}
