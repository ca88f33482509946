import { formatReference, parseReference } from "@voiyd/oci-registry";
import { type Image, invalid } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { readImageRecord, writeImageRecord } from "./image-record.js";
import { describeImage } from "./images.js";

/** A second record for the same image. Throws `IMAGE_NOT_FOUND`, `INVALID_ARGUMENT`. */
export function tagImage(
  context: RuntimeContext,
  source: string,
  target: string,
  options: { signal?: AbortSignal },
): Promise<Image> {
  return mapped(`image ${source}`, async () => {
    options.signal?.throwIfAborted();
    const reference = parseReference(target);
    if (reference.digest !== undefined) throw invalid("target", target, "a name with a tag, and without a digest");
    const record = await readImageRecord(context, source, options);
    const name = formatReference(reference);
    await writeImageRecord(context, name, record.target, options);
    return describeImage(context, await readImageRecord(context, name, options), options);
  });
}
