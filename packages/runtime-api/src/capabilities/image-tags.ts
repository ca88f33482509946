import type { OperationOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

/** The capability to give images further names, and to take them away. */
export interface ImageTags {
  /**
   * Names an image `target` as well; a name that stands for another image is moved. Throws `IMAGE_NOT_FOUND`, and
   * `INVALID_ARGUMENT` for a target with a digest: that is the image's to say.
   */
  tagImage(source: string, target: string, options?: OperationOptions): Promise<Image>;
  /**
   * Takes a name away from an image that has another one: nothing but the name goes, whoever uses the image. Throws
   * `IMAGE_NOT_FOUND`, and `FAILED_PRECONDITION` for the last name, with which the image would go: that is for
   * `removeImage`.
   */
  untagImage(reference: string, options?: OperationOptions): Promise<void>;
}

export function canTagImages(runtime: Runtime): runtime is Runtime & ImageTags {
  return "tagImage" in runtime && typeof runtime.tagImage === "function";
}
