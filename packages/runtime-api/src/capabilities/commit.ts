import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";
import type { Image } from "./images.js";

export interface CommitOptions extends OperationOptions {
  /** Who makes the image, as `Name <address>`. */
  readonly author?: string;
  /** What is said about it in its history. */
  readonly message?: string;
  /**
   * Instructions as in a Dockerfile, for how the image is run: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `LABEL`, `STOPSIGNAL`,
   * `USER`, `VOLUME` and `WORKDIR`, applied in their order.
   */
  readonly changes?: readonly string[];
  /** Hold a running container up meanwhile, so that its files belong together. Default true. */
  readonly pause?: boolean;
}

/** The capability to make an image of a container. */
export interface Commit {
  /**
   * Makes an image of a container's own image and of what the container has changed in its files, and gives it the name
   * `reference`; an image that had the name loses it. How it is run is as the container was: its arguments, environment,
   * directory, user, labels. Mounts are no part of it.
   *
   * Throws `NOT_FOUND`, `INVALID_ARGUMENT` for a reference that is none or has a digest, and for changes that are no such
   * instructions; `DISK_FULL`.
   */
  commit(container: ContainerRef, reference: string, options?: CommitOptions): Promise<Image>;
}

/** Whether the runtime has {@link Commit}. */
export function canCommit(runtime: Runtime): runtime is Runtime & Commit {
  return "commit" in runtime && typeof runtime.commit === "function";
}
