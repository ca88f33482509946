import type { Container, ContainerRef, ContainerRequest, Labels } from "./container.js";
import type { ID } from "./id.js";
import type { PullProgress } from "./progress.js";

export interface OperationOptions {
  /** Abort: stop, undo what this call did, and reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ListOptions extends OperationOptions {
  /** Only containers that have all of these labels with exactly these values. */
  readonly labels?: Labels;
}

export interface StopOptions extends OperationOptions {
  /** How long to wait after the stop signal, in milliseconds. 0 kills at once, `Infinity` never does. */
  readonly timeoutMs?: number;
  /** Instead of the container's stop signal. */
  readonly stopSignal?: string;
}

export interface KillOptions extends OperationOptions {
  /** Default SIGKILL. With any other signal the call returns once it is sent. */
  readonly killSignal?: string;
}

export interface PullOptions extends OperationOptions {
  /** As `linux/arm64`. An image for another platform than this host's is fetched, and unpacked when a container asks for it.
   * Default: what the container asks for, or this host's. */
  readonly platform?: string;
  /** The image for every platform that it is there for; this host's is unpacked where there is one. Default false. */
  readonly allPlatforms?: boolean;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface IOOptions extends OperationOptions {
  /** Go on with what the container writes from now on, until it has exited and all is read. Default false. */
  readonly follow?: boolean;
}

/** What a container writes, the two streams apart, from its start. Cancel a stream that is not read to its end. */
export interface ContainerIO {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
}

/**
 * What every container runtime can do. What some can do beyond it stands in capability interfaces ({@link Wait},
 * {@link Images}): narrow with their guards.
 *
 * Every method rejects with a {@link RuntimeError}, or, when its signal is aborted, with the signal's reason. Where a
 * container is asked for, see {@link ContainerRef}; matching is exact, never a pattern, and two matches are
 * `AMBIGUOUS_ID` with the matches in `details`.
 */
export interface Runtime {
  /** All containers, running or not. A container whose state cannot be read is listed with phase `unknown`. */
  list(options?: ListOptions): Promise<Container[]>;

  /** Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  get(container: ContainerRef, options?: OperationOptions): Promise<Container>;

  /**
   * Makes and starts a container; its image must have been pulled, for the platform that it asks for. Resolves once its first process has been started,
   * with the status filled in. On failure and on abort nothing is left.
   *
   * Throws `INVALID_ARGUMENT` before anything is touched; `NAME_IN_USE`, `PORT_IN_USE`, `IMAGE_NOT_FOUND`,
   * `IMAGE_PLATFORM_MISMATCH`, `USER_NOT_FOUND`, `COMMAND_NOT_FOUND`, `COMMAND_NOT_EXECUTABLE`, `NETWORK_SETUP_FAILED` and what the host answers.
   */
  run(container: ContainerRequest, options?: RunOptions): Promise<Container>;

  /**
   * Asks the container's first process to end with its stop signal, and ends it with SIGKILL when it has not by the
   * timeout. Never returns while a process of the container lives. A container that does not run is left as it is.
   * Frees nothing but the process: network and logs stay until `cleanup` or `delete`.
   *
   * Throws `NOT_FOUND`; `STOP_TIMEOUT` when not even SIGKILL ended it.
   */
  stop(container: ContainerRef, options?: StopOptions): Promise<void>;

  /** Ends the container's processes at once, with SIGKILL, and waits for their end. Otherwise like `stop`. */
  kill(container: ContainerRef, options?: KillOptions): Promise<void>;

  /**
   * Removes everything that belongs to the container, running or not, whole or half-made. A container that does not
   * exist is success. Goes on past errors; what could not be removed keeps the container visible with phase
   * `deleting`, and is listed in the `CLEANUP_INCOMPLETE` error.
   */
  delete(container: ContainerRef, options?: OperationOptions): Promise<void>;

  /** Tears down the container's network and empties its log, with or without a running process. */
  cleanup(id: string, options?: OperationOptions): Promise<void>;

  /**
   * Fetches the container's image. When it resolves the image is here, verified, unpacked and safe from garbage
   * collection.
   *
   * Throws `INVALID_ARGUMENT`, `IMAGE_NOT_FOUND`, `IMAGE_PLATFORM_MISMATCH`, `IMAGE_INVALID`, `DIGEST_MISMATCH`,
   * `REGISTRY_UNAUTHORIZED`, `REGISTRY_RATE_LIMITED`, `REGISTRY_ERROR`, `DISK_FULL`.
   */
  pull(container: ContainerRequest, options?: PullOptions): Promise<void>;

  /** The user's labels of a container. Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  labels(id: string, options?: OperationOptions): Promise<Labels>;

  /** Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  io(id: string, options?: IOOptions): Promise<ContainerIO>;

  /** The namespace whose containers this runtime sees. Fixed for its lifetime. */
  namespace(): string;

  /** Name and version of what runs underneath, as `containerd/1.6.20`. */
  version(options?: OperationOptions): Promise<string>;

  /** The full id for a name, an id or an id prefix. Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  id(idOrName: string, options?: OperationOptions): Promise<ID>;

  /** The name for a name, an id or an id prefix. Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
  name(idOrName: string, options?: OperationOptions): Promise<string>;
}

export type RunOptions = OperationOptions;
