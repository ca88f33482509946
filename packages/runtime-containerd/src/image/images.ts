import { formatPlatform } from "@voiyd/oci-registry";
import { type Image, isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { type ImageRecord, listImageRecords, readImageRecord } from "./image-record.js";
import { knownDocuments } from "./local-documents.js";

type Options = { signal?: AbortSignal };

export function listImages(context: RuntimeContext, options: Options): Promise<Image[]> {
  return mapped("images", async () => {
    const records = await listImageRecords(context, options);
    return Promise.all(records.map((record) => describeImage(context, record, options)));
  });
}

/** Throws `IMAGE_NOT_FOUND`. */
export function getImage(context: RuntimeContext, reference: string, options: Options): Promise<Image> {
  return mapped(`image ${reference}`, async () =>
    describeImage(context, await readImageRecord(context, reference, options), options),
  );
}

/** What can be said about an image with what is here of it. */
export async function describeImage(
  context: RuntimeContext,
  record: ImageRecord,
  options: Options & { platform?: string | undefined },
): Promise<Image> {
  const image = {
    name: record.name,
    digest: record.target.digest,
    mediaType: record.target.mediaType,
    created: record.createdAt,
  };
  try {
    const { manifest, config } = await knownDocuments(context, record, options);
    const { os, architecture, variant } = config;
    return {
      ...image,
      size: [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0),
      platform: formatPlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) }),
    };
  } catch (error) {
    // An image for other platforms, or a damaged one, is an image all the same: with less to say about it.
    if (isRuntimeError(error, "IMAGE_PLATFORM_MISMATCH", "IMAGE_INVALID")) return image;
    throw error;
  }
}
