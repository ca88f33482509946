import { abortable } from "./abortable.js";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";

/** Resolves when a container has ended and nobody starts it again; also when the signal is aborted. Never rejects. */
export async function lastEnd(
  host: MemoryHost,
  container: MemoryContainer,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    do await abortable(container.exited, signal);
    while (await comesBack(host, container, signal));
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
