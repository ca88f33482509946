import { basename } from "node:path";
import { Rootfs } from "../rootfs/rootfs.js";
import { untilAborted } from "../concurrency/until-aborted.js";
import { SAME_IDS } from "./id-map.js";
import { packTree } from "./pack-tree.js";
import { unpackTree } from "./unpack-tree.js";

export interface PackFilesOptions {
  /** What the archive calls it. Default: the path's last part. */
  readonly name?: string;
  /** A symlink at the path's end is followed. Default false. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** A file or folder of the host as a tar archive, as `copyTo` takes it. Errors are those of the system, and `FAILED_PRECONDITION`. */
export async function* packFiles(
  path: string,
  { name = basename(path), follow = false, signal }: PackFilesOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  await using rootfs = await Rootfs.open("/");
  await using place = await rootfs.place(path, { follow });
  yield* packTree(rootfs, place, Buffer.from(name), { ids: SAME_IDS, ...(signal === undefined ? {} : { signal }) });
}

export interface UnpackFilesOptions {
  /**
   * Owners are those that the archive names, and programs may run with their owner's rights. Default: all belongs to this
   * process's user, and set-user-ID bits and capabilities are left out.
   */
  readonly keepOwners?: boolean;
  /** The first part of every name becomes another one; `from` is `.` where names have no such first part. */
  readonly rename?: { readonly from: string; readonly to: string };
  readonly signal?: AbortSignal;
}

/**
 * Unpacks an archive that is not trusted, as one of `copyFrom`, into a folder of the host that exists. Nothing outside of
 * the folder is touched, and no device is made. Throws `INVALID_ARGUMENT` for an archive that is damaged or leads out.
 */
export async function unpackFiles(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  { keepOwners = false, rename, signal }: UnpackFilesOptions = {},
): Promise<void> {
  await using rootfs = await Rootfs.open(folder);
  await unpackTree(rootfs, "/", untilAborted(archive, signal), {
    owner: (entry) => (keepOwners ? entry : undefined),
    contained: true,
    setId: keepOwners,
    capabilities: keepOwners,
    ...(rename === undefined ? {} : { rename }),
    ...(signal === undefined ? {} : { signal }),
  });
}
