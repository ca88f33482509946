import { createHash } from "node:crypto";
import { writeTar } from "../archive/tar.js";
import { DEFAULT_USERS } from "./command.js";
import type { FileTree } from "./memory-files.js";
import type { MemoryImage } from "./options.js";

export interface Blob {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The documents and layers that an image consists of, as the OCI image specification has them. */
export interface ImageBlobs {
  readonly manifest: Blob;
  readonly config: Blob;
  /** The lowest first; without compression. */
  readonly layers: readonly Blob[];
}

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** Of a manifest: the bytes that the option `images` says the image has. */
export const SIZE_ANNOTATION = "voiyd/size";

const CONFIG = "application/vnd.oci.image.config.v1+json";
export const LAYER = "application/vnd.oci.image.layer.v1.tar";
/** Of a manifest. Images with the same content are different ones as long as they come from different places. */
const ORIGIN_ANNOTATION = "voiyd/origin";

/**
 * What the image amounts to as files. Its users are in its lowest layer, where a real image has them; what was copied into
 * containers is in the one above it, where there is something.
 */
export function imageBlobs(origin: string, image: MemoryImage, files: FileTree): ImageBlobs {
  const copied = [...files]
    .filter(([path]) => path !== "/")
    .map(([path, entry]) => ({ ...entry, path: path.slice(1) }));
  const layers = [userFile(image.users ?? DEFAULT_USERS), ...(copied.length > 0 ? [writeTar(copied)] : [])].map(
    (bytes) => blob(LAYER, bytes),
  );
  const config = document(CONFIG, {
    architecture: "amd64",
    os: "linux",
    config: {
      User: image.user,
      Env: image.envvars?.map((variable) => `${variable.name}=${variable.value}`),
      Entrypoint: image.entrypoint,
      Cmd: image.args,
      WorkingDir: image.workingDir,
      StopSignal: image.stopSignal,
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = document(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(config),
    layers: layers.map(descriptor),
    annotations: {
      [ORIGIN_ANNOTATION]: origin,
      ...(image.size !== undefined && { [SIZE_ANNOTATION]: String(image.size) }),
    },
  });
  return { manifest, config, layers };
}

export function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, mediaType, bytes };
}

export function descriptor({ digest, mediaType, bytes }: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: bytes.length };
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function document(mediaType: string, value: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function userFile(users: readonly string[]): Uint8Array {
  const lines = users.map((user, id) => `${user}:x:${String(id)}:${String(id)}::/:/bin/sh\n`);
  const common = { modified: new Date(0), mode: 0o644 };
  return writeTar([
    { ...common, path: "etc", kind: "directory", mode: 0o755, content: new Uint8Array() },
    { ...common, path: "etc/passwd", kind: "file", content: Buffer.from(lines.join("")) },
  ]);
}
