import type { Labels } from "../container.js";
import type { ID } from "../id.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** What can happen to a container, in the words of `docker events`. */
export type ContainerAction = (typeof CONTAINER_ACTIONS)[number];

export const CONTAINER_ACTIONS = [
  "create",
  "start",
  "pause",
  "unpause",
  "oom",
  "die",
  "update",
  "rename",
  "exec_create",
  "exec_start",
  "exec_die",
  "destroy",
] as const;

/** One change of a container. */
export interface ContainerEvent {
  readonly action: ContainerAction;
  /** When it happened; for a synthetic one whose time is not on record, when it was found out. */
  readonly time: Date;
  readonly id: ID;
  readonly name: string;
  /** The normalised reference, as `docker.io/library/nginx:latest`. */
  readonly image: string;
  readonly labels: Labels;
  /** Not heard from the daemon, but concluded from the state that was found: after an interruption, or for `since`. */
  readonly synthetic: boolean;
  /** Of `die` and `exec_die`: as in `ContainerExit`. */
  readonly exitCode?: number | "unknown";
  /** Of `start` and `exec_start`: the process id on the host. */
  readonly pid?: number;
  /** Of the three about exec. */
  readonly execId?: string;
  /** Of `rename`. */
  readonly oldName?: string;
}

/** What a consumer wants to hear of: everything that is given has to fit. */
export interface EventFilters {
  /** Full names, ids, or beginnings of ids. */
  readonly containers?: readonly string[];
  readonly actions?: readonly ContainerAction[];
  /** Normalised references. */
  readonly images?: readonly string[];
  /** All of them; an empty value stands for any. */
  readonly labels?: Labels;
}

export interface EventsOptions extends OperationOptions {
  /** Also what happened from then on, as far as is on record. Default: the moment of the call. */
  readonly since?: Date;
  /** The events end then; at once, after what is on record, when that is past. Default: never. */
  readonly until?: Date;
  readonly filters?: EventFilters;
}

/** The capability to tell what happens to containers. */
export interface Events {
  /**
   * Every change from `since` on, each once and in order for each container. An interruption of the connection, or a
   * restart of the daemon, is bridged: what changed meanwhile is found out from the state and told as synthetic events.
   * A container that came and went within one interruption is told from what the runtime keeps of the containers that it
   * removes, as long as that is kept; one that somebody else removed leaves nothing. Of several lives within one
   * interruption the last is told, and execs are not made up for. Listening begins with the first read; what happened
   * between the call and that, or from `since` on, is found in the same way.
   *
   * Ends at `until`, throws the signal's reason when it is aborted, and otherwise goes on while it is read.
   */
  events(options?: EventsOptions): AsyncIterable<ContainerEvent>;
}

/** Whether the runtime has {@link Events}. */
export function hasEvents(runtime: Runtime): runtime is Runtime & Events {
  return "events" in runtime && typeof runtime.events === "function";
}
