import { type Container, type ImageDetails, isRuntimeError } from "@voiyd/runtime-api";
import { humanBytes } from "../../output/bytes.js";
import type { CommandRuntime } from "../command.js";

/** What containers have written, and what they see in all, as `docker ps --size` shows it; by their ids. */
export async function sizesOf(
  runtime: CommandRuntime,
  containers: readonly Container[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (containers.length === 0) return new Map();
  const usage = await runtime.diskUsage({ signal });
  const written = new Map<string, number>(usage.containers.map(({ id, layerBytes }) => [id, layerBytes]));
  const images = new Map<string, Promise<number | undefined>>();
  const sizes = containers.map(async ({ config: { image, platform }, status: { id } }): Promise<[string, string]> => {
    const key = `${image} ${platform ?? ""}`;
    const pending =
      images.get(key) ?? imageBytes(runtime, image, { signal, ...(platform !== undefined && { platform }) });
    images.set(key, pending);
    const [own, below] = [written.get(id) ?? 0, await pending];
    return [id, `${humanBytes(own)}${below === undefined ? "" : ` (virtual ${humanBytes(own + below)})`}`];
  });
  return new Map(await Promise.all(sizes));
}

/** Unpacked; undefined for an image that is gone, or not unpacked. */
async function imageBytes(
  runtime: CommandRuntime,
  image: string,
  options: { readonly signal: AbortSignal; readonly platform?: string },
): Promise<number | undefined> {
  let details: ImageDetails;
  try {
    details = await runtime.inspectImage(image, options);
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_NOT_FOUND", "IMAGE_PLATFORM_MISMATCH", "IMAGE_INVALID")) throw error;
    return undefined;
  }
  return details.layers.reduce<number | undefined>(
    (total, { unpackedSize }) => (total === undefined || unpackedSize === undefined ? undefined : total + unpackedSize),
    0,
  );
}
