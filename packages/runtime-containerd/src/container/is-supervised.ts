import type { StoredContainer } from "./stored-container.js";

/** Whether the container has what a supervisor looks after. */
export function isSupervised({ config, healthCheck }: StoredContainer): boolean {
  return (config.restartPolicy?.name ?? "no") !== "no" || healthCheck !== undefined;
}
