import type { ContainerExit } from "@voiyd/runtime-api";
import { abortable } from "./abortable.js";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";

/** Resolves with a container's exit when nobody starts it again; with nothing where it was deleted before it ran. */
export async function lastExit(
  host: MemoryHost,
  container: MemoryContainer,
  signal: AbortSignal | undefined,
): Promise<ContainerExit | undefined> {
  for (;;) {
    const exit = await abortable(container.exited, signal);
    if (!(await comesBack(host, container, signal))) return exit;
  }
}

/** Resolves then; also when the signal is aborted. Never rejects. */
export async function lastEnd(
  host: MemoryHost,
  container: MemoryContainer,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await lastExit(host, container, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

async function comesBack(
  host: MemoryHost,
  container: MemoryContainer,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (;;) {
    const news = host.nextChange();
    if (container.process !== undefined) return true;
    if (host.supervisors.length === 0 || container.decideRestart(host.clock.now()) === undefined) return false;
    await abortable(news, signal);
  }
}
