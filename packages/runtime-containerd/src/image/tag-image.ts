import { formatReference, parseReference } from "@voiyd/oci-registry";
import { type Image, invalid, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { listImageRecords, readImageRecord, writeImageRecord } from "./image-record.js";
import { describeImage } from "./images.js";
import { deleteRecord } from "./remove-image.js";

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

/** Removes one record of several for the same image. Throws `IMAGE_NOT_FOUND`, `FAILED_PRECONDITION` for the only one. */
export function untagImage(
  context: RuntimeContext,
  reference: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  return mapped(`image ${reference}`, async () => {
    options.signal?.throwIfAborted();
    const { name, target } = await readImageRecord(context, reference, options);
    const records = await listImageRecords(context, options);
    if (!records.some((record) => record.target.digest === target.digest && record.name !== name)) {
      throw new RuntimeError("FAILED_PRECONDITION", `${name} is the only name of its image`, {
        hint: "give it another name first, or remove the image",
        details: { image: name },
      });
    }
    await deleteRecord(context, name, false, options);
  });
}
