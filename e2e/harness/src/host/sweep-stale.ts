import { removeHost } from "../teardown/remove-host.js";
import { HOSTS_FOLDER, listKnownHosts } from "./known-hosts.js";

export interface SweepOptions {
  /** Where to look. Default: where {@link startPrivateHost} makes its hosts. */
  readonly folder?: string;
  /** Told the folder of each host that is removed. */
  readonly onRemove?: (directory: string) => void;
}

/**
 * Removes the private hosts of processes that died without doing so, with all that belongs to them. Hosts of living
 * processes are not touched. Resolves with the folders removed.
 */
export async function sweepStale(options: SweepOptions = {}): Promise<string[]> {
  const dead = (await listKnownHosts(options.folder ?? HOSTS_FOLDER)).filter((host) => host.state === "dead");
  for (const { directory, owner } of dead) {
    options.onRemove?.(directory);
    await removeHost(directory, owner);
  }
  return dead.map((host) => host.directory);
}
