import type { OperationOptions, PullOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

/** What is wrong with an image that is here. */
export interface ImageProblem {
  readonly kind: "index" | "manifest" | "config" | "layer" | "snapshot";
  /** Of the blob; the chain id for a snapshot. */
  readonly digest: string;
  readonly problem: "missing" | "damaged";
}

/** The capability to check and mend images. */
export interface ImageVerification {
  /** Reads and hashes every blob of the image for this host. Nothing wrong is an empty list. Throws `IMAGE_NOT_FOUND`. */
  verifyImage(reference: string, options?: OperationOptions): Promise<ImageProblem[]>;
  /** Fetches what is missing or damaged, and unpacks what is not. Throws what a pull throws. */
  repairImage(reference: string, options?: Pick<PullOptions, "onProgress" | "signal">): Promise<Image>;
}

export function canVerifyImages(runtime: Runtime): runtime is Runtime & ImageVerification {
  return "verifyImage" in runtime && typeof runtime.verifyImage === "function";
}
