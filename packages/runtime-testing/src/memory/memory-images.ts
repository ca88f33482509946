import { createHash, randomUUID } from "node:crypto";
import type { Image, ImagePruneReport, PruneImagesOptions, PullProgress } from "@voiyd/runtime-api";
import { invalid, RuntimeError } from "@voiyd/runtime-api";
import type { FileTree } from "./memory-files.js";
import type { MemoryImage } from "./options.js";
import { normalizeReference } from "./reference.js";

interface PulledImage {
  readonly image: Image;
  readonly content: MemoryImage;
  readonly files: FileTree;
}

/** Images of the registry know commands, and have no files. */
const NO_FILES: FileTree = new Map();

/** What all images here are for. */
const PLATFORM = /^(?:linux\/)?(?:amd64|x86_64|x86-64)(?:\/v1)?$/i;

/** A container and the reference that it was made from. */
export interface ImageUse {
  readonly id: string;
  readonly container: string;
  readonly image: string;
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
    this.#pulled.set(name, { image, content, files: NO_FILES });
    onProgress({ phase: "done", subject: name, kind: "image", ...existed });
    return { ...image };
  }

  /** What was pulled. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`. */
  get(reference: string, platform = "linux/amd64"): PulledImage {
    const name = normalizeReference(reference);
    const pulled = this.#pulled.get(name);
    if (pulled === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name} is not here`, {
        hint: "pull it first",
        details: { image: name },
      });
    }
    if (!PLATFORM.test(platform)) {
      throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", `image ${name} is here, and not for ${platform}`, {
        hint: "it is there for linux/amd64",
        details: { image: name, host: platform },
      });
    }
    return pulled;
  }

  list(): Image[] {
    return Array.from(this.#pulled.values(), ({ image }) => ({ ...image }));
  }

  /** Throws `FAILED_PRECONDITION` for the last name of an image that is in use. */
  remove(reference: string, uses: readonly ImageUse[]): void {
    const name = normalizeReference(reference);
    const digest = this.#pulled.get(name)?.image.digest;
    const others = this.list().filter((image) => image.digest === digest && image.name !== name);
    const user = uses.find((use) => this.#digestOf(use.image) === digest);
    if (digest !== undefined && user !== undefined && others.length === 0) {
      throw new RuntimeError("FAILED_PRECONDITION", `image ${name} is used by container ${user.container}`, {
        hint: "delete the container first, or force the removal",
        details: { image: name, containers: [user.container] },
      });
    }
    this.#pulled.delete(name);
  }

  /** Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`. */
  tag(source: string, target: string, now: Date): Image {
    const name = normalizeReference(target);
    if (name.includes("@")) throw invalid("target", target, "a name with a tag, and without a digest");
    const pulled = this.get(source);
    const tagged = { ...pulled.image, name, created: now };
    this.#pulled.set(name, { ...pulled, image: tagged });
    return { ...tagged };
  }

  /** Has an image that was made here. `name` has been normalized. */
  add(name: string, content: MemoryImage, files: FileTree, now: Date): Image {
    const digest = `sha256:${createHash("sha256").update(`${name} ${randomUUID()}`).digest("hex")}`;
    const image = { ...describe(name, content, now), digest };
    this.#pulled.set(name, { image, content, files });
    return { ...image };
  }

  /** Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `FAILED_PRECONDITION` for the only name of an image. */
  untag(reference: string): void {
    const { name, digest } = this.get(reference).image;
    if (!this.list().some((image) => image.digest === digest && image.name !== name)) {
      throw new RuntimeError("FAILED_PRECONDITION", `${name} is the only name of its image`, {
        hint: "give it another name first, or remove the image",
        details: { image: name },
      });
    }
    this.#pulled.delete(name);
  }

  prune(
    uses: readonly ImageUse[],
    { all = false, dryRun = false, without = [] }: PruneImagesOptions,
  ): ImagePruneReport {
    const judged = this.list().map((image) => {
      const user = uses.find((use) => this.#digestOf(use.image) === image.digest && !without.includes(use.id));
      const goes = user === undefined && (all || image.name.includes("@"));
      const reason =
        user !== undefined ? `used by container ${user.container}` : goes ? "no container uses it" : "it has a tag";
      return { goes, size: image.size ?? 0, verdict: { name: image.name, digest: image.digest, reason } };
    });
    const removed = judged.filter(({ goes }) => goes);
    const kept = judged.filter(({ goes }) => !goes);
    if (!dryRun) for (const { verdict } of removed) this.#pulled.delete(verdict.name);
    const stays = new Set(kept.map(({ verdict }) => verdict.digest));
    const gone = new Map(
      removed.filter(({ verdict }) => !stays.has(verdict.digest)).map(({ verdict, size }) => [verdict.digest, size]),
    );
    return {
      removed: removed.map(({ verdict }) => verdict),
      kept: kept.map(({ verdict }) => verdict),
      reclaimedBytes: [...gone.values()].reduce((sum, size) => sum + size, 0),
    };
  }

  #digestOf(reference: string): string | undefined {
    return this.#pulled.get(normalizeReference(reference))?.image.digest;
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
