/** One run of a container, from a start to an exit. */
export interface Life {
  /** Tells it from the others; undefined where nobody has written it down. */
  readonly pid: number | undefined;
  readonly phase: "running" | "paused" | "ended";
  /** Whether the kernel was said to have killed a process of it. */
  readonly oom: boolean;
}
