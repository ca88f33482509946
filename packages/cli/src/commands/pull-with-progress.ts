import type { Image } from "@voiyd/runtime-api";
import { createProgressView } from "../output/progress.js";
import type { Surroundings } from "../process/surroundings.js";
import type { CommandRuntime } from "./command.js";

export interface PullOptions {
  readonly platform?: string;
  readonly allPlatforms?: boolean;
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
  const { quiet, surroundings, ...pull } = options;
  if (quiet) return runtime.pullImage(reference, pull);
  const view = createProgressView(surroundings.stderr, surroundings.now);
  try {
    return await runtime.pullImage(reference, { ...pull, onProgress: view.report });
  } finally {
    await view.finish();
  }
}
