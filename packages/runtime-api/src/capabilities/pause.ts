import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** The capability to hold all processes of a container up, and let them go on. */
export interface Pause {
  /** Throws `NOT_FOUND`, and `FAILED_PRECONDITION` for a container that does not run. */
  pause(container: ContainerRef, options?: OperationOptions): Promise<void>;
  /** Throws `NOT_FOUND`, and `FAILED_PRECONDITION` for a container that is not paused. */
  resume(container: ContainerRef, options?: OperationOptions): Promise<void>;
}

/** Whether the runtime has {@link Pause}. */
export function canPause(runtime: Runtime): runtime is Runtime & Pause {
  return "pause" in runtime && typeof runtime.pause === "function";
}
