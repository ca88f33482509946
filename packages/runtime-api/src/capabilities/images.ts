import type { OperationOptions, PullOptions, Runtime } from "../runtime.js";

/** An image that is here. */
export interface Image {
  /** The normalised reference, as `docker.io/library/nginx:latest`. */
  readonly name: string;
  /** Of the manifest or index that the reference points to. */
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of all blobs of the image for this host's platform, compressed as they came. Absent when some are missing. */
  readonly size?: number;
  readonly created: Date;
  /** For this host, as `linux/amd64`. Absent when the image has nothing for it. */
  readonly platform?: string;
}

export interface RemoveImageOptions extends OperationOptions {
  /** Also the last name of an image that containers use; they go on, and keep what they need of it. Default false. */
  readonly force?: boolean;
}

/** The capability to manage images apart from containers. */
export interface Images {
  /** Like `Runtime.pull`, for a reference. */
  pullImage(reference: string, options?: PullOptions): Promise<Image>;
  listImages(options?: OperationOptions): Promise<Image[]>;
  /** Throws `IMAGE_NOT_FOUND`. */
  getImage(reference: string, options?: OperationOptions): Promise<Image>;
  /**
   * Removes a reference; what no other image or container needs is collected before this resolves. Absent is success.
   * Throws `FAILED_PRECONDITION` for the last name of an image that a container, running or not, was made from.
   */
  removeImage(reference: string, options?: RemoveImageOptions): Promise<void>;
}

export function hasImages(runtime: Runtime): runtime is Runtime & Images {
  return "pullImage" in runtime && typeof runtime.pullImage === "function";
}
