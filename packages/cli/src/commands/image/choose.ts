import { type Image, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { parsePruneFilters } from "../../options/prune-filter.js";
import type { ImageFilters } from "../../options/image-filter.js";
import type { CommandRuntime } from "../command.js";
import { imageNames } from "./names.js";

/** Those of `images` that fit. Throws `IMAGE_NOT_FOUND` for an image to compare with that is not here. */
export async function chooseImages(
  runtime: CommandRuntime,
  images: readonly Image[],
  filters: ImageFilters,
  signal: AbortSignal,
): Promise<readonly Image[]> {
  const made = async (operand: string): Promise<number> => {
    const [name] = await imageNames(runtime, operand, signal);
    const found = images.find((image) => image.name === name);
    if (found === undefined) {
      throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image ${JSON.stringify(operand)} to compare with`);
    }
    return found.created.getTime();
  };
  const ends = await Promise.all(filters.before.map(made));
  const begins = await Promise.all(filters.since.map(made));
  const chosen = images.filter(
    (image) =>
      filters.fits(image) &&
      ends.every((end) => image.created.getTime() < end) &&
      begins.every((begin) => image.created.getTime() > begin),
  );
  const { labels } = filters;
  if (labels === undefined) return chosen;
  const fits = await Promise.all(chosen.map(async ({ name }) => labels((await labelsOf(runtime, name, signal)) ?? {})));
  return chosen.filter((_, index) => fits[index]);
}

/** The names of the images that a prune with filters may take; undefined for all of them. Throws `INVALID_ARGUMENT`. */
export async function prunableImages(
  runtime: CommandRuntime,
  filters: readonly string[],
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<readonly string[] | undefined> {
  const isWanted = parsePruneFilters(filters, now);
  if (filters.length === 0) return undefined;
  const asksForLabels = filters.some((text) => text.startsWith("label"));
  const names = (await runtime.listImages({ signal })).map(async ({ name, created }) => {
    const labels = asksForLabels ? await labelsOf(runtime, name, signal) : {};
    // What cannot be read may have the very label that is to save it.
    return labels !== undefined && isWanted({ created, labels }) ? [name] : [];
  });
  return (await Promise.all(names)).flat();
}

/** Undefined for an image that cannot be read on this host. */
async function labelsOf(
  runtime: CommandRuntime,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return (await runtime.inspectImage(name, { signal })).config.labels;
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_NOT_FOUND", "IMAGE_PLATFORM_MISMATCH", "IMAGE_INVALID")) throw error;
    return undefined;
  }
}
