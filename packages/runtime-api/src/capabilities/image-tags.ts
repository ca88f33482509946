import type { OperationOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

/** The capability to give images further names. `removeImage` takes a name away again. */
export interface ImageTags {
  /**
   * Names an image `target` as well; a name that stands for another image is moved. Throws `IMAGE_NOT_FOUND`, and
   * `INVALID_ARGUMENT` for a target with a digest: that is the image's to say.
   */
  tagImage(source: string, target: string, options?: OperationOptions): Promise<Image>;
}

export function canTagImages(runtime: Runtime): runtime is Runtime & ImageTags {
  return "tagImage" in runtime && typeof runtime.tagImage === "function";
}
