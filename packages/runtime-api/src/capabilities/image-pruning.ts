import type { OperationOptions, Runtime } from "../runtime.js";

export interface PruneImagesOptions extends OperationOptions {
  /** Also images with a tag, when no container was made from them. Default false: references by digest alone. */
  readonly all?: boolean;
  /** The normalised names of those that may go; every other one stays. Default: all of them. */
  readonly only?: readonly string[];
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean;
  /** The full ids of containers that are about to go: judge as if they were gone. Default: none. */
  readonly without?: readonly string[];
}

export interface PruneVerdict {
  readonly name: string;
  readonly digest: string;
  /** Why it goes or stays, for people: `used by container web`. */
  readonly reason: string;
}

export interface ImagePruneReport {
  readonly removed: readonly PruneVerdict[];
  readonly kept: readonly PruneVerdict[];
  /** Bytes of blobs and unpacked layers that only the removed images needed. */
  readonly reclaimedBytes: number;
}

/** The capability to remove the images that nobody needs. */
export interface ImagePruning {
  pruneImages(options?: PruneImagesOptions): Promise<ImagePruneReport>;
}

export function canPruneImages(runtime: Runtime): runtime is Runtime & ImagePruning {
  return "pruneImages" in runtime && typeof runtime.pruneImages === "function";
}
