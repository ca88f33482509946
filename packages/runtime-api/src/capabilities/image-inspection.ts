import type { OperationOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

export interface ImageLayer {
  /** Of the blob, as it came. */
  readonly digest: string;
  /** Of the archive without compression. */
  readonly diffId: string;
  readonly mediaType: string;
  /** Bytes of the blob. */
  readonly size: number;
  /** Bytes on disk, unpacked. Absent when it is not unpacked. */
  readonly unpackedSize?: number;
  /** Whether the blob is here; unpacked layers need it only to be pushed or saved. */
  readonly isPresent: boolean;
}

/** How the image's author wants it to be run. */
export interface ImageRunConfig {
  readonly user?: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workingDir?: string;
  /** `80/tcp`, as written. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
}

/** Everything about an image for one platform. */
export interface ImageDetails extends Image {
  /** Of the configuration: what `docker` calls the image's id. */
  readonly configDigest: string;
  /** All names of the image that are here, `name` among them. */
  readonly names: readonly string[];
  /** The names of the containers that were made from it. */
  readonly usedBy: readonly string[];
  readonly config: ImageRunConfig;
  /** The lowest first. */
  readonly layers: readonly ImageLayer[];
  readonly author?: string;
  /** When its author made it, by the author's word. */
  readonly builtAt?: Date;
  /** Bytes on this host: blobs and unpacked layers. */
  readonly diskSize: number;
  /** The part of `diskSize` that other images need too. */
  readonly sharedSize: number;
}

/** A step in which an image was made. */
export interface ImageHistoryEntry {
  readonly created?: Date;
  readonly createdBy: string;
  readonly author?: string;
  readonly comment?: string;
  /** Bytes that the step added: unpacked where that is known, else of the blob. 0 for a step without a layer. */
  readonly size: number;
  /** Of the layer's blob. Absent for a step without one. */
  readonly layer?: string;
}

export interface InspectImageOptions extends OperationOptions {
  /** As `linux/arm64`, of an image that is here for it. Default: this host's. */
  readonly platform?: string;
}

/** The capability to look into images. */
export interface ImageInspection {
  /** Throws `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`, `IMAGE_INVALID`. */
  inspectImage(reference: string, options?: InspectImageOptions): Promise<ImageDetails>;
  /** The newest step first. Throws as `inspectImage` does. */
  imageHistory(reference: string, options?: InspectImageOptions): Promise<ImageHistoryEntry[]>;
}

export function canInspectImages(runtime: Runtime): runtime is Runtime & ImageInspection {
  return "inspectImage" in runtime && typeof runtime.inspectImage === "function";
}
