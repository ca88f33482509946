import { packJson } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import type { HealthRecord } from "./health-record.js";
import { EXTENSION, EXTENSION_TYPE, LABEL } from "./label-names.js";
import type { RestartRecord } from "./restart-record.js";

type Options = { signal?: AbortSignal };

/** One field each, by its mask: a stop, a probe and a decision that are written at once do not undo each other. */
export function writeRestart(
  context: RuntimeContext,
  id: string,
  restart: RestartRecord | null,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    {
      container: { id, extensions: { [EXTENSION.restart]: packJson(EXTENSION_TYPE.restart, restart) } },
      updateMask: { paths: [`extensions.${EXTENSION.restart}`] },
    },
    options,
  );
}

export function writeHealth(
  context: RuntimeContext,
  id: string,
  health: HealthRecord,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    {
      container: { id, extensions: { [EXTENSION.health]: packJson(EXTENSION_TYPE.health, health) } },
      updateMask: { paths: [`extensions.${EXTENSION.health}`] },
    },
    options,
  );
}

/** Whether the container's owner has ended it. */
export function writeStopped(
  context: RuntimeContext,
  id: string,
  stopped: boolean,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    // Containerd keeps no label without a value.
    {
      container: { id, labels: { [LABEL.stopped]: stopped ? "true" : "" } },
      updateMask: { paths: [`labels.${LABEL.stopped}`] },
    },
    options,
  );
}
