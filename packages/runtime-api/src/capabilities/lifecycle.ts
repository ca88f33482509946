import type { Container, ContainerRef, ContainerRequest } from "../container.js";
import type { OperationOptions, Runtime, StopOptions } from "../runtime.js";

/** The capability to make a container now and to start it, again and again, when it is wanted. */
export interface Lifecycle {
  /**
   * Like `Runtime.run` without the start: resolves with a container in phase `created`, whose files are there and which
   * holds its name, but no process, no network and no ports.
   */
  create(container: ContainerRequest, options?: OperationOptions): Promise<Container>;

  /**
   * Starts a container that was created, or that has exited: on its own files, with a new network, and with its output
   * added to its log. One that runs is left as it is. Fails without a trace but for the container, which stays as it was.
   *
   * Throws what `Runtime.run` throws for what it needs of the host, `NOT_FOUND`, and `FAILED_PRECONDITION` for a container
   * that is paused, or half-made.
   */
  start(container: ContainerRef, options?: OperationOptions): Promise<Container>;

  /** `Runtime.stop` and `start`, whether it ran or not. */
  restart(container: ContainerRef, options?: StopOptions): Promise<Container>;
}

/** Whether the runtime has {@link Lifecycle}. */
export function hasLifecycle(runtime: Runtime): runtime is Runtime & Lifecycle {
  return "start" in runtime && typeof runtime.start === "function";
}
