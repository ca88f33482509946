import { randomUUID } from "node:crypto";
import type {
  Image,
  ImageDetails,
  ImagePruneReport,
  PruneImagesOptions,
  PullProgress,
  PushedImage,
  PushProgress,
} from "@voiyd/runtime-api";
import { invalid, RuntimeError } from "@voiyd/runtime-api";
import { describeImage, imageDetails, PLATFORM } from "./describe-image.js";
import type { NamedImage } from "./image-archive.js";
import type { FileTree } from "./memory-files.js";
import type { MemoryImage } from "./options.js";
import { normalizeReference } from "./reference.js";
import { sizeOf, type StoredImage, storedImage } from "./stored-image.js";

interface PulledImage {
  readonly image: Image;
  readonly stored: StoredImage;
}

/** Images of the registry know commands, and have no files. */
const NO_FILES: FileTree = new Map();

/** What all images here are for, as it may be written. */
const OWN_PLATFORM = /^(?:linux\/)?(?:amd64|x86_64|x86-64)(?:\/v1)?$/i;

/** A container and the reference that it was made from. */
export interface ImageUse {
  readonly id: string;
  readonly container: string;
  readonly image: string;
}

/** A registry that is a table, and the images that were pulled from it. */
export class MemoryImages {
  readonly #registry: Map<string, StoredImage>;
  readonly #pulled = new Map<string, PulledImage>();

  constructor(images: Readonly<Record<string, MemoryImage>>) {
    this.#registry = new Map(
      Object.entries(images).map(([reference, image]) => {
        const name = normalizeReference(reference);
        return [name, storedImage(name, image, NO_FILES)];
      }),
    );
  }

  /** Has the image from the registry. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`. */
  pull(reference: string, now: Date, onProgress: (progress: PullProgress) => void): Image {
    const name = normalizeReference(reference);
    const stored = this.#registry.get(name);
    onProgress({ phase: "resolving", subject: name, kind: "image" });
    if (stored === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name}: the registry does not have it`, {
        hint: "check the name and the tag; the in-memory runtime knows the images of its option `images`, and what was pushed",
        details: { image: name },
      });
    }
    const existed = this.#pulled.get(name)?.stored.digest === stored.digest ? { existed: true } : {};
    const size = sizeOf(stored);
    onProgress({ phase: "downloading", subject: stored.digest, kind: "layer", current: size, total: size, ...existed });
    const image = this.put({ name, stored }, now);
    onProgress({ phase: "done", subject: name, kind: "image", ...existed });
    return image;
  }

  /** Has the image from now on, under this name; one that it had before stays as old as it is. */
  put({ name, stored }: NamedImage, now: Date): Image {
    const earlier = this.#pulled.get(name)?.image;
    const image = earlier?.digest === stored.digest ? earlier : describeImage(name, stored, now);
    this.#pulled.set(name, { image, stored });
    return { ...image };
  }

  /** What was pulled. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`. */
  get(reference: string, platform: string = PLATFORM): PulledImage {
    const name = normalizeReference(reference);
    const pulled = this.#pulled.get(name);
    if (pulled === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name} is not here`, {
        hint: "pull it first",
        details: { image: name },
      });
    }
    if (!OWN_PLATFORM.test(platform)) {
      throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", `image ${name} is here, and not for ${platform}`, {
        hint: `it is there for ${PLATFORM}`,
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
    // One that was made twice is two images, as it is where they tell the time.
    return this.put({ name, stored: storedImage(`${name} ${randomUUID()}`, content, files) }, now);
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
    { all = false, dryRun = false, only, without = [] }: PruneImagesOptions,
  ): ImagePruneReport {
    const judged = this.list().map((image) => {
      const user = uses.find((use) => this.#digestOf(use.image) === image.digest && !without.includes(use.id));
      const isMeant = only?.includes(image.name) !== false;
      const goes = user === undefined && isMeant && (all || image.name.includes("@"));
      const stays = isMeant ? "it has a tag" : "it is not among those that may go";
      const reason = user !== undefined ? `used by container ${user.container}` : goes ? "no container uses it" : stays;
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

  /** Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`. */
  inspect(reference: string, platform: string | undefined, uses: readonly ImageUse[]): ImageDetails {
    const { image, stored } = this.get(reference, platform);
    const names = this.list().flatMap(({ digest, name }) => (digest === image.digest ? name : []));
    const own = uses.filter((use) => this.#digestOf(use.image) === image.digest);
    return imageDetails(image, stored, names, own);
  }

  /** Gives the image to the registry. Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`. */
  push(
    reference: string,
    { target, platform }: { readonly target?: string | undefined; readonly platform?: string | undefined },
    onProgress: (progress: PushProgress) => void,
  ): PushedImage {
    const name = normalizeReference(target ?? reference);
    if (target !== undefined && name.includes("@")) throw invalid("target", target, "a name with a tag");
    const { stored } = this.get(reference, platform);
    const outcome = this.#registry.get(name)?.digest === stored.digest ? "existed" : "uploaded";
    const { config, layers, manifest } = stored.blobs;
    for (const { digest, bytes } of [config, ...layers]) {
      const kind = digest === config.digest ? "config" : "layer";
      onProgress({ phase: "done", kind, subject: digest, current: bytes.length, total: bytes.length, outcome });
    }
    this.#registry.set(name, stored);
    onProgress({ phase: "done", kind: "manifest", subject: stored.digest, total: manifest.bytes.length });
    onProgress({ phase: "done", kind: "image", subject: name });
    return { name, digest: stored.digest };
  }

  #digestOf(reference: string): string | undefined {
    return this.#pulled.get(normalizeReference(reference))?.image.digest;
  }
}
