import { RuntimeError } from "@voiyd/runtime-api";
import { readTar, type TarFile, writeTar } from "../archive/tar.js";
import { type Blob, blob, blobPath, descriptor, LAYER, MANIFEST } from "./image-blobs.js";
import { list, member, text } from "./json.js";
import type { StoredImage } from "./stored-image.js";
import { readStoredImage } from "./stored-image.js";

export interface NamedImage {
  readonly name: string;
  readonly stored: StoredImage;
}

const NAME = "io.containerd.image.name";

/** An OCI image layout with Docker's `manifest.json` beside it. Throws `UNIMPLEMENTED` for images that are not all there. */
export function writeImages(images: readonly NamedImage[]): Uint8Array {
  for (const { name, stored } of images) {
    if (stored.digest === stored.blobs.manifest.digest) continue;
    throw new RuntimeError("UNIMPLEMENTED", `image ${name} cannot be saved: its digest is that of no content`, {
      hint: "give the option `images` a name without a digest",
      details: { image: name },
    });
  }
  const all = images.flatMap(({ stored: { blobs } }) => [blobs.manifest, blobs.config, ...blobs.layers]);
  const once = [...new Map(all.map((item) => [item.digest, item])).values()];
  return writeTar([
    json("oci-layout", { imageLayoutVersion: "1.0.0" }),
    json("index.json", {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: images.map(({ name, stored }) => ({
        ...descriptor(stored.blobs.manifest),
        annotations: { [NAME]: name },
      })),
    }),
    json("manifest.json", dockerList(images)),
    folder("blobs"),
    folder("blobs/sha256"),
    ...once.map(({ digest, bytes }) => file(blobPath(digest), bytes)),
  ]);
}

/** Throws `IMAGE_INVALID`, `DIGEST_MISMATCH`. */
export function readImages(archive: Uint8Array): readonly NamedImage[] {
  const files = new Map(entriesOf(archive).map(({ path, content }) => [path, content]));
  const index = parse(files.get("index.json"), "index.json");
  const read = (entry: unknown): Blob => {
    const digest = text(member(entry, "digest")) ?? "";
    const bytes = files.get(blobPath(digest));
    if (bytes === undefined) throw invalidArchive(`does not hold ${JSON.stringify(digest.slice(0, 100))}`);
    const found = blob(text(member(entry, "mediaType")) ?? "", bytes);
    if (found.digest === digest) return found;
    throw new RuntimeError("DIGEST_MISMATCH", `${digest}: the archive holds bytes with the digest ${found.digest}`, {
      details: { digest, actualDigest: found.digest },
    });
  };
  const images = (list(member(index, "manifests")) ?? []).flatMap((entry): NamedImage[] => {
    const name = text(member(member(entry, "annotations"), NAME));
    if (name === undefined) return [];
    if (member(entry, "mediaType") !== MANIFEST) throw invalidArchive("holds something else than manifests");
    const manifest = read(entry);
    const document = parse(manifest.bytes, manifest.digest);
    const config = read(member(document, "config"));
    const layers = (list(member(document, "layers")) ?? []).map(read);
    if (!layers.every(({ mediaType }) => mediaType === LAYER)) throw invalidArchive("holds layers with compression");
    const blobs = { manifest, config, layers };
    return [{ name, stored: readStoredImage(blobs, document, parse(config.bytes, config.digest)) }];
  });
  if (images.length === 0) throw invalidArchive("holds no image with a name");
  return images;
}

function entriesOf(archive: Uint8Array): readonly TarFile[] {
  if (archive.length === 0) throw invalidArchive("is empty");
  try {
    return readTar(archive);
  } catch (error) {
    throw invalidArchive("is none, or a damaged one", error);
  }
}

function parse(bytes: Uint8Array | undefined, what: string): unknown {
  if (bytes === undefined) throw invalidArchive(`has no ${what}`);
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return value;
  } catch (error) {
    throw invalidArchive(`has a ${what} that is no JSON`, error);
  }
}

/** What Docker's `load` of old reads. */
function dockerList(images: readonly NamedImage[]): object {
  return images.map(({ name, stored: { blobs } }) => ({
    Config: blobPath(blobs.config.digest),
    RepoTags: name.includes("@") ? [] : [name],
    Layers: blobs.layers.map(({ digest }) => blobPath(digest)),
  }));
}

const COMMON = { mode: 0o644, modified: new Date(0) };

function json(path: string, value: object): TarFile {
  return file(path, Buffer.from(JSON.stringify(value)));
}

function file(path: string, content: Uint8Array): TarFile {
  return { ...COMMON, path, kind: "file", content };
}

function folder(path: string): TarFile {
  return { ...COMMON, path, kind: "directory", mode: 0o755, content: new Uint8Array() };
}

function invalidArchive(problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError("IMAGE_INVALID", `the archive ${problem}`, {
    hint: "give what `saveImages` of a runtime in memory has made",
    ...(cause !== undefined && { cause }),
  });
}
