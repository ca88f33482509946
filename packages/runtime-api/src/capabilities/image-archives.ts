import type { OperationOptions, PullOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

export interface SaveImagesOptions extends OperationOptions {
  /** As `linux/arm64`: only the images for this platform. */
  readonly platform?: string;
  /** All platforms, those that are not here fetched first. Default: what is here. */
  readonly allPlatforms?: boolean;
}

/** The capability to write images to archives and to read them from archives. */
export interface ImageArchives {
  /**
   * One tar archive of several images: an OCI image layout that Docker's `load` takes too. Blobs that are missing are
   * fetched before the first byte. Errors come from the iteration: `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`, and
   * what a pull throws.
   */
  saveImages(references: readonly string[], options?: SaveImagesOptions): AsyncIterable<Uint8Array>;

  /**
   * Takes the images of an archive: an OCI image layout or what `docker save` writes, as tar, with or without gzip. They
   * are verified and unpacked as pulled ones are. Throws `IMAGE_INVALID`, `DIGEST_MISMATCH`, `DISK_FULL`.
   */
  loadImages(
    archive: AsyncIterable<Uint8Array>,
    options?: Pick<PullOptions, "onProgress" | "signal">,
  ): Promise<Image[]>;
}

export function hasImageArchives(runtime: Runtime): runtime is Runtime & ImageArchives {
  return "saveImages" in runtime && typeof runtime.saveImages === "function";
}
