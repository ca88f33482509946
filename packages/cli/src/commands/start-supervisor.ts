import type { Container } from "@voiyd/runtime-api";
import type { Context } from "./command.js";

/** Sees to it that somebody looks after a container that has started, where that is needed. */
export async function startSupervisor(
  { settings, surroundings }: Context,
  { config, status }: Container,
): Promise<void> {
  const restarts = (config.restartPolicy?.name ?? "no") !== "no";
  if (!restarts && status.health === undefined) return;
  // Where one is there already, this one ends at once.
  await surroundings.spawnSelf(["--address", settings.address, "--namespace", settings.namespace, "__supervise"]);
}
