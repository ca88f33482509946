import { createHash } from "node:crypto";
import type { Image, PullProgress } from "@voiyd/runtime-api";
import { RuntimeError } from "@voiyd/runtime-api";
import type { MemoryImage } from "./options.js";
import { normalizeReference } from "./reference.js";

interface PulledImage {
  readonly image: Image;
  readonly content: MemoryImage;
}

/** A registry that is a table, and the images that were pulled from it. */
export class MemoryImages {
  readonly #registry: ReadonlyMap<string, MemoryImage>;
  readonly #pulled = new Map<string, PulledImage>();

  constructor(images: Readonly<Record<string, MemoryImage>>) {
    this.#registry = new Map(
      Object.entries(images).map(([reference, image]) => [normalizeReference(reference), image]),
    );
  }

  /** Has the image from the registry. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`. */
  pull(reference: string, now: Date, onProgress: (progress: PullProgress) => void): Image {
    const name = normalizeReference(reference);
    const content = this.#registry.get(name);
    onProgress({ phase: "resolving", subject: name, kind: "image" });
    if (content === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name}: the registry does not have it`, {
        hint: "check the name and the tag; the in-memory runtime knows the images of its option `images` alone",
        details: { image: name },
      });
    }
    const earlier = this.#pulled.get(name)?.image;
    const image = earlier ?? describe(name, content, now);
    const existed = earlier === undefined ? {} : { existed: true };
    const size = image.size ?? 0;
    onProgress({ phase: "downloading", subject: image.digest, kind: "layer", current: size, total: size, ...existed });
    this.#pulled.set(name, { image, content });
    onProgress({ phase: "done", subject: name, kind: "image", ...existed });
    return { ...image };
  }

  /** What was pulled. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`. */
  get(reference: string): PulledImage {
    const name = normalizeReference(reference);
    const pulled = this.#pulled.get(name);
    if (pulled === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name} is not here`, {
        hint: "pull it first",
        details: { image: name },
      });
    }
    return pulled;
  }

  list(): Image[] {
    return Array.from(this.#pulled.values(), ({ image }) => ({ ...image }));
  }

  remove(reference: string): void {
    this.#pulled.delete(normalizeReference(reference));
  }
}

function describe(name: string, content: MemoryImage, created: Date): Image {
  // Nothing is there to be hashed, but one reference must always have one digest.
  const digest = `sha256:${createHash("sha256").update(name).digest("hex")}`;
  return {
    name,
    digest: name.split("@")[1] ?? digest,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    size: content.size ?? 0,
    created,
    platform: "linux/amd64",
  };
}
