import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "@voiyd/runtime-api";

const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;

/** Asks until there is an answer: a server needs a moment to listen. Gives up when the container has ended. */
export async function askOverHttp(
  url: string,
  look: () => Promise<Container>,
): Promise<{ status: number; body: string }> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      return { status: response.status, body: await response.text() };
    } catch (error) {
      const { status } = await look();
      if (status.phase !== "running") {
        throw new Error(`the container has ended with exit code ${status.exitCode ?? "unknown"}`, { cause: error });
      }
      if (performance.now() > end) throw new Error(`${url} does not answer`, { cause: error });
      await sleep(PAUSE_MS);
    }
  }
}
