/**
 * Which system calls a container may use. `default`: the runtime's own profile; `unconfined`: all; or a profile in
 * Docker's JSON format, as text. A profile that cannot be read refuses the container.
 */
export type SeccompOption = "default" | "unconfined" | { readonly profile: string };

/** The parts of a SELinux label. What is absent is `system_u`, `system_r`, `container_t`, and a level of the container's own. */
export interface SelinuxLabel {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}

/** A limit of `setrlimit(2)`. */
export interface Ulimit {
  /** `nofile`, `nproc`, `core`, …, as `ulimit` and Docker name them. */
  readonly name: string;
  /** -1 for no limit. */
  readonly soft: number;
  /** -1 for no limit. */
  readonly hard: number;
}
