import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor } from "./image-spec.js";
import { OCI_LAYOUT_INDEX } from "./media-types.js";

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** Where an OCI layout keeps a blob. */
export function blobPath(directory: string, digest: string): string {
  return join(directory, "blobs", ...digest.split(":"));
}

/** Writes a blob into a layout. */
export async function writeBlob(directory: string, mediaType: string, content: Uint8Array): Promise<Descriptor> {
  const digest = sha256(content);
  await writeFile(blobPath(directory, digest), content);
  return { mediaType, digest, size: content.byteLength };
}

export async function startLayout(directory: string): Promise<void> {
  await mkdir(join(directory, "blobs", "sha256"), { recursive: true });
  await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

/** Writes the layout's `index.json`, which names its one image. */
export async function finishLayout(
  directory: string,
  target: Descriptor,
  reference: string | undefined,
): Promise<void> {
  const tag = reference === undefined ? undefined : (/:([^:/@]+)$/u.exec(reference)?.[1] ?? "latest");
  const annotations =
    reference === undefined
      ? {}
      : { annotations: { "org.opencontainers.image.ref.name": tag, "io.containerd.image.name": reference } };
  const index = { schemaVersion: 2, mediaType: OCI_LAYOUT_INDEX, manifests: [{ ...target, ...annotations }] };
  await writeFile(join(directory, "index.json"), JSON.stringify(index));
}
