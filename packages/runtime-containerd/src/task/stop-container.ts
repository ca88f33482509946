import { isRuntimeError, parseSignal, type StopOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { readyImage } from "../image/ready-image.js";
import { stopTask } from "./stop-task.js";

/** As Docker: what a process may take to end by itself, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000;
const SIGTERM = "SIGTERM";

/** Ends a container as gracefully as its configuration and the caller ask for. */
export async function stopContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: StopOptions,
): Promise<void> {
  const { config } = record.stored();
  const { stopSignal } = options;
  const plan = {
    stopSignal:
      stopSignal === undefined ? await stopSignalOf(context, record, options) : parseSignal(stopSignal, "stopSignal"),
    timeoutMs: options.timeoutMs ?? config.stopTimeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  await stopTask(context, record.id, plan, options.signal === undefined ? {} : { signal: options.signal });
}

/** The signal that asks this container to end. */
export async function stopSignalOf(
  context: RuntimeContext,
  record: ContainerRecord,
  options: { signal?: AbortSignal },
): Promise<number> {
  const stopSignal = record.stored().config.stopSignal ?? (await imageStopSignal(context, record, options));
  return parseSignal(stopSignal, "stopSignal");
}

/** The image's own stop signal. An image that is gone, or says nonsense, stops nobody from stopping. */
async function imageStopSignal(
  context: RuntimeContext,
  record: ContainerRecord,
  options: StopOptions,
): Promise<string> {
  try {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    const image = await readyImage(context, record.stored().config, call);
    const signal = image.config.config.stopSignal ?? SIGTERM;
    parseSignal(signal);
    return signal;
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    context.logger.debug("the image's stop signal is not to be had", { container: record.id, error });
    return SIGTERM;
  }
}
