import type { EnvVar } from "@voiyd/runtime-api";
import { readTar } from "../archive/tar.js";
import { type Blob, type ImageBlobs, imageBlobs, SIZE_ANNOTATION } from "./image-blobs.js";
import { member, text, texts } from "./json.js";
import type { FileTree } from "./memory-files.js";
import type { MemoryImage } from "./options.js";

/** An image as a registry has it, or this host. */
export interface StoredImage {
  /** Of the manifest, except where the option `images` named another one. */
  readonly digest: string;
  readonly content: MemoryImage;
  /** What was copied into the containers that it was made of. */
  readonly files: FileTree;
  readonly blobs: ImageBlobs;
}

/** `origin` is its name in the registry, or whatever else is no other image's. */
export function storedImage(origin: string, content: MemoryImage, files: FileTree): StoredImage {
  const blobs = imageBlobs(origin, content, files);
  return { digest: origin.split("@")[1] ?? blobs.manifest.digest, content, files, blobs };
}

/** Of the blobs, as they would travel. */
export function sizeOf({ content, blobs }: StoredImage): number {
  const [base, ...committed] = blobs.layers;
  const own = content.size ?? blobs.config.bytes.length + (base?.bytes.length ?? 0);
  return committed.reduce((sum, { bytes }) => sum + bytes.length, own);
}

/** What the documents of {@link imageBlobs} say, read back. */
export function readStoredImage(blobs: ImageBlobs, manifest: unknown, config: unknown): StoredImage {
  const run = member(config, "config");
  const size = text(member(member(manifest, "annotations"), SIZE_ANNOTATION));
  const [entrypoint, args] = [texts(member(run, "Entrypoint")), texts(member(run, "Cmd"))];
  const envvars = texts(member(run, "Env"))?.map(variable);
  const [user, workingDir] = [text(member(run, "User")), text(member(run, "WorkingDir"))];
  const stopSignal = text(member(run, "StopSignal"));
  const [base, ...committed] = blobs.layers;
  const content: MemoryImage = {
    ...(base !== undefined && { users: usersIn(base) }),
    ...(entrypoint && { entrypoint }),
    ...(args && { args }),
    ...(envvars && { envvars }),
    ...(user !== undefined && { user }),
    ...(workingDir !== undefined && { workingDir }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) && { size: Number(size) }),
  };
  return { digest: blobs.manifest.digest, content, files: filesIn(committed), blobs };
}

function variable(line: string): EnvVar {
  const [name = "", ...rest] = line.split("=");
  return { name, value: rest.join("=") };
}

function usersIn(layer: Blob): readonly string[] {
  const file = readTar(layer.bytes).find(({ path }) => path === "etc/passwd");
  const lines = Buffer.from(file?.content ?? "")
    .toString()
    .split("\n");
  return lines.flatMap((line) => (line === "" ? [] : [line.split(":")[0] ?? ""]));
}

function filesIn(layers: readonly Blob[]): FileTree {
  const files = layers.flatMap(({ bytes }) => readTar(bytes));
  return new Map(files.map(({ path, ...entry }) => [`/${path.replace(/\/$/, "")}`, entry]));
}
