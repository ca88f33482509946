import { type Image, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
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
  const fits = await Promise.all(chosen.map(async ({ name }) => labels(await labelsOf(runtime, name, signal))));
  return chosen.filter((_, index) => fits[index]);
}

/** Of an image that cannot be read on this host nothing is known, and so it has none. */
async function labelsOf(
  runtime: CommandRuntime,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  try {
    return (await runtime.inspectImage(name, { signal })).config.labels;
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_NOT_FOUND", "IMAGE_PLATFORM_MISMATCH", "IMAGE_INVALID")) throw error;
    return {};
  }
}
