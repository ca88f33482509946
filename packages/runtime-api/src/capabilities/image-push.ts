import type { OperationOptions, Runtime } from "../runtime.js";

/** A step of a push. */
export interface PushProgress {
  readonly phase: "uploading" | "done";
  /** The digest of a blob or manifest; the reference for the last `done`. */
  readonly subject: string;
  readonly kind: "image" | "manifest" | "config" | "layer";
  /** Bytes sent. */
  readonly current?: number;
  /** Bytes in all. */
  readonly total?: number;
  /** How a blob came there, once it is. */
  readonly outcome?: "existed" | "mounted" | "uploaded";
}

export interface PushImageOptions extends OperationOptions {
  /** Where it is to go, instead of where its name says. */
  readonly target?: string;
  /** As `linux/arm64`: only the image for this platform. */
  readonly platform?: string;
  /** All platforms, those that are not here fetched first. Default: all when they are here, else this host's alone. */
  readonly allPlatforms?: boolean;
  readonly onProgress?: (progress: PushProgress) => void;
}

export interface PushedImage {
  /** The reference that it has now. */
  readonly name: string;
  /** Of what the reference stands for there. */
  readonly digest: string;
}

/** The capability to bring images to registries. */
export interface ImagePush {
  /**
   * Blobs that are missing here are fetched first; those that the registry has are not sent. Throws `IMAGE_NOT_FOUND`,
   * `IMAGE_PLATFORM_MISMATCH`, `REGISTRY_UNAUTHORIZED`, `REGISTRY_ERROR`, `UNAVAILABLE`, `TIMEOUT`.
   */
  pushImage(reference: string, options?: PushImageOptions): Promise<PushedImage>;
}

export function canPushImages(runtime: Runtime): runtime is Runtime & ImagePush {
  return "pushImage" in runtime && typeof runtime.pushImage === "function";
}
