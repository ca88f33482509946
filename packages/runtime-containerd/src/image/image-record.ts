import { type Image as ImageMessage, isContainerdError } from "@voiyd/containerd-client";
import { type Descriptor, formatReference, parseReference } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";

type Options = { signal?: AbortSignal };

export interface ImageRecord {
  readonly name: string;
  readonly target: Descriptor;
  readonly createdAt: Date;
}

/** Throws `IMAGE_NOT_FOUND`, and `INVALID_ARGUMENT` for what is no reference. */
export async function readImageRecord(
  context: RuntimeContext,
  reference: string,
  options: Options,
): Promise<ImageRecord> {
  const name = formatReference(parseReference(reference));
  const record = await findImageRecord(context, name, options);
  if (record !== undefined) return record;
  throw new RuntimeError("IMAGE_NOT_FOUND", `image ${name} is not here`, {
    hint: "pull it first",
    details: { image: name },
  });
}

/** By its normalised name. */
export async function findImageRecord(
  context: RuntimeContext,
  name: string,
  options: Options,
): Promise<ImageRecord | undefined> {
  try {
    const { image } = await context.client.images.get({ name }, options);
    return image === undefined ? undefined : parseImage(image);
  } catch (error) {
    if (isContainerdError(error, "not_found")) return undefined;
    throw error;
  }
}

export async function listImageRecords(context: RuntimeContext, options: Options): Promise<ImageRecord[]> {
  const { images } = await context.client.images.list({}, options);
  return images.flatMap((image) => parseImage(image) ?? []);
}

/** Makes the record, or points an existing one to the new target. */
export async function writeImageRecord(
  context: RuntimeContext,
  name: string,
  target: Descriptor,
  options: Options,
): Promise<void> {
  const image = { name, target: { mediaType: target.mediaType, digest: target.digest, size: BigInt(target.size) } };
  for (;;) {
    try {
      await context.client.images.create({ image }, options);
      return;
    } catch (error) {
      if (!isContainerdError(error, "already_exists")) throw error;
    }
    try {
      await context.client.images.update({ image, updateMask: { paths: ["target"] } }, options);
      return;
    } catch (error) {
      // Removed between the two: make it after all.
      if (!isContainerdError(error, "not_found")) throw error;
    }
  }
}

function parseImage(image: ImageMessage): ImageRecord | undefined {
  if (image.target === undefined) return undefined;
  const { mediaType, digest, size } = image.target;
  return {
    name: image.name,
    target: { mediaType, digest, size: Number(size) },
    createdAt: new Date(Number(image.createdAt?.seconds ?? 0n) * 1000),
  };
}
