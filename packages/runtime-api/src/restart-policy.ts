/**
 * What becomes of a container that has ended by itself, with Docker's names and rules. A container that was stopped or
 * killed by its owner stays down under every policy, until it is started again or, under `always`, until the host is.
 */
export interface RestartPolicy {
  /**
   * - `no`: it stays down
   * - `on-failure`: it is started again when its exit code is not 0
   * - `always`, `unless-stopped`: it is started again; they differ after a restart of the host, where `always` starts also
   *   what had been stopped
   */
  readonly name: "no" | "on-failure" | "always" | "unless-stopped";
  /** With `on-failure` alone: how often it is started again at most, from 1. Default: no limit. */
  readonly maxRetries?: number;
}
