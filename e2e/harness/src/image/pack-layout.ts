import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeTar } from "./tar-writer.js";

/** Packs an OCI layout's folder into one archive, as `ctr images import` takes it. */
export async function packLayout(layout: string, archive: string): Promise<void> {
  const blobs = (await readdir(join(layout, "blobs", "sha256"))).sort();
  const names = ["oci-layout", "index.json", ...blobs.map((name) => `blobs/sha256/${name}`)];
  const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0, type: "file" } as const;
  const entries = await Promise.all(
    names.map(async (path) => ({ ...common, path, content: await readFile(join(layout, path)) })),
  );
  await writeFile(archive, writeTar(entries));
}
