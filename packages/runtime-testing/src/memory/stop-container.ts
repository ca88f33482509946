import type { KillOptions, StopOptions } from "@voiyd/runtime-api";
import { invalid, parseSignal } from "@voiyd/runtime-api";
import { abortable } from "./abortable.js";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";

const SIGKILL = 9;
/** The contract's default of `stopTimeoutMs`. */
const PATIENCE_MS = 10_000;

/** `Runtime.stop`: asks, waits, and kills. */
export async function stopContainer(host: MemoryHost, container: MemoryContainer, options: StopOptions): Promise<void> {
  const { config } = container.snapshot;
  const stopSignal =
    options.stopSignal === undefined ? stopSignalOf(container) : parseSignal(options.stopSignal, "stopSignal");
  const timeoutMs = options.timeoutMs ?? config.stopTimeoutMs ?? PATIENCE_MS;
  if (!(timeoutMs >= 0)) throw invalid("timeoutMs", timeoutMs, "a number of milliseconds from 0, or Infinity");
  container.markStopped();
  host.changed();
  const { process } = container;
  if (process === undefined) return;
  process.signal(timeoutMs === 0 ? SIGKILL : stopSignal);
  const waited = new AbortController();
  const impatience = host.clock.sleep(timeoutMs, waited.signal);
  try {
    await abortable(Promise.race([container.exited, impatience]), options.signal);
  } finally {
    waited.abort();
  }
  process.signal(SIGKILL);
  await container.exited;
}

/** `Runtime.kill`: one signal; the end is waited for when the process has no choice. */
export async function killContainer(
  host: MemoryHost,
  container: MemoryContainer,
  { killSignal = "SIGKILL" }: KillOptions,
): Promise<void> {
  const number = parseSignal(killSignal, "killSignal");
  // As Docker: who kills it, or asks it to end, does not want it back.
  if (number === SIGKILL || number === stopSignalOf(container)) {
    container.markStopped();
    host.changed();
  }
  const { process } = container;
  process?.signal(number);
  if (process !== undefined && number === SIGKILL) await container.exited;
}

function stopSignalOf({ snapshot: { config }, image }: MemoryContainer): number {
  return parseSignal(config.stopSignal ?? image?.stopSignal ?? "SIGTERM", "stopSignal");
}
