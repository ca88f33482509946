import type { Container, ContainerRef } from "../container.js";
import type { Resources } from "../resources.js";
import type { RestartPolicy } from "../restart-policy.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** What can be changed of a container while it runs. What is absent stays. */
export interface ContainerChanges {
  /** Set, or, with `null`, taken away. */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** Each limit that is named here takes the place of the one before. */
  readonly resources?: Resources;
  /** Counts from the next end on: what is down stays down. */
  readonly restartPolicy?: RestartPolicy;
}

/** The capability to change a container that is there. */
export interface Edit {
  /**
   * Changes labels, and limits: those of a running container at once, those of another one from its next start on. All of
   * it or nothing.
   *
   * Throws `INVALID_ARGUMENT`, `NOT_FOUND`, and what the kernel refuses (memory below what is in use, for example).
   */
  update(container: ContainerRef, changes: ContainerChanges, options?: OperationOptions): Promise<Container>;

  /** Gives a container another name, whether it runs or not. Throws `INVALID_ARGUMENT`, `NOT_FOUND`, `NAME_IN_USE`. */
  rename(container: ContainerRef, name: string, options?: OperationOptions): Promise<Container>;
}

/** Whether the runtime has {@link Edit}. */
export function canEdit(runtime: Runtime): runtime is Runtime & Edit {
  return "rename" in runtime && typeof runtime.rename === "function";
}
