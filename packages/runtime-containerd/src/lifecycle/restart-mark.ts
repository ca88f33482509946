import { join } from "node:path";
import type { ContainerRecord } from "../container/container-store.js";
import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";
import { stateDirectory } from "../run/name-files.js";
import { readTask } from "../task/task-state.js";
import { waitForExit } from "../task/wait-for-exit.js";

type Options = { signal?: AbortSignal };

/** How long a restart that was begun is waited for: whoever began it may have died. In milliseconds. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;

function markPath(context: RuntimeContext, id: string): string {
  return join(stateDirectory(context, id), "restarting");
}

/** Says, for whoever follows the container's log, that its next end will not be the last. */
export async function markedAsRestarting<T>(
  context: RuntimeContext,
  id: string,
  restart: () => Promise<T>,
): Promise<T> {
  const { files } = context.host;
  await files.makePrivateDirectory(stateDirectory(context, id));
  await files.writeInPlace(markPath(context, id), "", 0o600);
  try {
    return await restart();
  } finally {
    await files.remove(markPath(context, id));
  }
}

/** Resolves when a container has ended and is not just being started again. */
export async function lastEnd(context: RuntimeContext, { id }: ContainerRecord, options: Options): Promise<void> {
  const background = { ...context, client: context.client.background() };
  for (;;) {
    await waitForExit(background, id, options);
    const deadline = performance.now() + PATIENCE_MS;
    while ((await context.host.files.exists(markPath(context, id))) && performance.now() < deadline)
      await pause(LOOK_MS, options);
    const { kind } = await readTask(background, id, options);
    if (kind !== "running" && kind !== "paused" && kind !== "created") return;
  }
}
