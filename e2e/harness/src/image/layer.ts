import { dirname, basename, join } from "node:path/posix";
import { types } from "node:util";
import { gzipSync } from "node:zlib";
import type { FileFacts, FileSpec, LayerSpec } from "./image-spec.js";
import { type TarEntry, writeTar } from "./tar-writer.js";

/** The operating system that wrote it, in gzip's header: "unknown", so that no machine's build differs. */
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNKNOWN = 255;

function factsOf(file: FileSpec): FileFacts {
  return typeof file === "string" || types.isUint8Array(file) ? { content: file } : file;
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}

/** The archive entry for one file; whiteouts as the OCI image specification names them. */
export function tarEntry(path: string, file: FileSpec): TarEntry {
  const facts = factsOf(file);
  const common = {
    path,
    mode: facts.mode ?? 0o644,
    uid: facts.uid ?? 0,
    gid: facts.gid ?? 0,
    mtime: facts.mtime ?? 0,
    ...(facts.xattrs === undefined ? {} : { xattrs: facts.xattrs }),
  };
  if ("content" in facts) return { ...common, type: "file", content: bytesOf(facts.content) };
  if ("directory" in facts)
    return { ...common, type: "directory", path: path.endsWith("/") ? path : `${path}/`, mode: facts.mode ?? 0o755 };
  if ("symlink" in facts) return { ...common, type: "symlink", target: facts.symlink, mode: facts.mode ?? 0o777 };
  if ("hardlink" in facts) return { ...common, type: "hardlink", target: facts.hardlink };
  if ("fifo" in facts) return { ...common, type: "fifo" };
  if ("device" in facts) return { ...common, type: facts.device, major: facts.major, minor: facts.minor };
  if ("whiteout" in facts) return { ...common, type: "file", path: join(dirname(path), `.wh.${basename(path)}`) };
  return { ...common, type: "file", path: join(path, ".wh..wh..opq") };
}

/** A layer's archive. */
export function layerArchive(layer: LayerSpec): Buffer {
  const files: readonly (readonly [string, FileSpec])[] = Array.isArray(layer.files)
    ? layer.files
    : Object.entries(layer.files);
  return writeTar(files.map(([path, file]) => tarEntry(path, file)));
}

/** Compresses without a time or a system's name in it: the same in, the same out. */
export function compress(archive: Uint8Array): Buffer {
  const packed = gzipSync(archive, { level: 6 });
  packed[GZIP_OS_OFFSET] = GZIP_OS_UNKNOWN;
  return packed;
}
