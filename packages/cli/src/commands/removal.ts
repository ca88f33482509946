import { type Container, type ContainerRequest, isRuntimeError } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { renderFailure } from "../output/failure.js";
import type { CommandRuntime, Context } from "./command.js";

/** How long a removal at the end may take. */
const DELETE_TIMEOUT_MS = 60_000;
/** Says of a container that was made and not started that it is to be removed when it has ended. */
const ANNOTATION = "voiyd.remove-at-end";

/** Throws {@link UsageError} where `--rm` is given together with a restart policy. */
export function assertRemovable({ args }: Pick<Context, "args">, { config }: ContainerRequest): void {
  if (args.flag("rm") && (config.restartPolicy?.name ?? "no") !== "no") {
    throw new UsageError("--rm and --restart contradict each other: what is removed cannot be started again");
  }
}

/** `request`, so that {@link removesItself} knows of its container. */
export function removedAtEnd(request: ContainerRequest): ContainerRequest {
  const annotations = { ...request.config.annotations, [ANNOTATION]: "true" };
  return { ...request, config: { ...request.config, annotations } };
}

/** Whether a container was made with `create --rm`. */
export function removesItself({ config }: Pick<Container, "config">): boolean {
  return config.annotations?.[ANNOTATION] === "true";
}

/**
 * Starts a container. As Docker, one of `create --rm` that cannot be started is removed; where nobody could say so, as when
 * we are interrupted, it stays.
 */
export async function startedOrRemoved(
  context: Context,
  runtime: CommandRuntime,
  operand: string,
  start: () => Promise<Container>,
): Promise<Container> {
  try {
    return await start();
  } catch (error) {
    if (!context.signal.aborted) {
      await removeUnstarted(runtime, operand).catch(async (failure: unknown) => {
        if (isRuntimeError(failure, "NOT_FOUND")) return;
        await context.surroundings.stderr.write(renderFailure(failure, context.settings.debug));
      });
    }
    throw error;
  }
}

/** One that runs, or is paused, was refused and has not failed. */
async function removeUnstarted(runtime: CommandRuntime, operand: string): Promise<void> {
  const signal = AbortSignal.timeout(DELETE_TIMEOUT_MS);
  const container = await runtime.get(operand, { signal });
  if (removesItself(container) && isDown(container)) await runtime.delete(container.status.id, { signal });
}

/** Whether a container has no process, and could have one. */
export function isDown({ status: { phase } }: Container): boolean {
  return phase === "created" || phase === "exited";
}

/** Leaves a process behind that removes a container at its end. */
export async function startReaper({ settings, surroundings }: Context, id: string): Promise<void> {
  await surroundings.spawnSelf(["--address", settings.address, "--namespace", settings.namespace, "__reap", id]);
}

/**
 * Resolves as `work` does, and removes the container afterwards, in every case. Work that leaves it running calls `leave`, which
 * leaves the removal to a process of its own.
 */
export async function withRemoval(
  context: Context,
  runtime: CommandRuntime,
  id: string,
  work: (leave: () => Promise<void>) => Promise<number>,
): Promise<number> {
  let left = false;
  const leave = async (): Promise<void> => {
    left = true;
    await startReaper(context, id);
  };
  const remove = async (): Promise<void> => {
    if (!left) await runtime.delete(id, { signal: AbortSignal.timeout(DELETE_TIMEOUT_MS) });
  };
  let exitCode: number;
  try {
    exitCode = await work(leave);
  } catch (error) {
    await remove().catch(async (failure: unknown) => {
      await context.surroundings.stderr.write(renderFailure(failure, context.settings.debug));
    });
    throw error;
  }
  await remove();
  return exitCode;
}
