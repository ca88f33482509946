import type { Image } from "@voiyd/runtime-api";
import { createProgressView } from "../output/progress.js";
import type { Surroundings } from "../process/surroundings.js";
import type { CommandRuntime } from "./command.js";

export interface PullOptions {
  readonly quiet: boolean;
  readonly signal: AbortSignal;
  readonly surroundings: Pick<Surroundings, "stderr" | "now">;
}

/** Pulls an image and shows on stderr how it goes on, so that stdout holds results alone. */
export async function pullWithProgress(
  runtime: CommandRuntime,
  reference: string,
  options: PullOptions,
): Promise<Image> {
  const { quiet, signal, surroundings } = options;
  if (quiet) return runtime.pullImage(reference, { signal });
  const view = createProgressView(surroundings.stderr, surroundings.now);
  try {
    return await runtime.pullImage(reference, { signal, onProgress: view.report });
  } finally {
    await view.finish();
  }
}
