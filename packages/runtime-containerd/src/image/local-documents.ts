import { isContainerdError } from "@voiyd/containerd-client";
import { formatPlatform, type Platform, readPlatformText } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { readContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { type DocumentReader, type ImageDocuments, readDocuments } from "./image-documents.js";
import type { ImageRecord } from "./image-record.js";

type Options = { signal?: AbortSignal };

/**
 * What the image's blobs in the content store say, for this host's platform or another, read once. Throws
 * `IMAGE_PLATFORM_MISMATCH` when they are not here for that platform; `INVALID_ARGUMENT`, `IMAGE_INVALID`.
 */
export function knownDocuments(
  context: RuntimeContext,
  image: ImageRecord,
  { platform, ...options }: Options & { platform?: string | undefined },
): Promise<ImageDocuments> {
  const wanted = platform === undefined ? undefined : readPlatformText(platform);
  const key = wanted === undefined ? image.target.digest : `${image.target.digest} ${formatPlatform(wanted)}`;
  return context.documents.get(key, () => localDocuments(context, image, options, wanted));
}

/** The same, read anew. Throws `IMAGE_INVALID` when a blob is missing. */
export function localDocuments(
  context: RuntimeContext,
  image: ImageRecord,
  options: Options,
  wanted?: Platform,
): Promise<ImageDocuments> {
  const read: DocumentReader = async (_kind, descriptor, maxBytes) => {
    try {
      return await readContent(context.client, descriptor.digest, maxBytes, options);
    } catch (error) {
      if (!isContainerdError(error, "not_found")) throw error;
      throw notWhole(image, wanted, error, descriptor.digest);
    }
  };
  return readDocuments(image.name, image.target, read, wanted);
}

/**
 * For an image of which a blob is missing. Where a platform was asked for, that is no damage: an index is here whole, and
 * of what it lists only that which somebody has pulled.
 */
export function notWhole(
  { name }: ImageRecord,
  wanted: Platform | undefined,
  cause: Error,
  digest?: string,
): RuntimeError {
  if (wanted === undefined) {
    const what = digest === undefined ? "a layer is missing" : `${digest} is missing`;
    return new RuntimeError("IMAGE_INVALID", `image ${name} is not complete: ${what}`, {
      hint: "pull it again",
      cause,
      details: { image: name, ...(digest === undefined ? {} : { digest }) },
    });
  }
  const host = formatPlatform(wanted);
  return new RuntimeError("IMAGE_PLATFORM_MISMATCH", `image ${name} is here, and not for ${host}`, {
    hint: `pull it for ${host}`,
    cause,
    details: { image: name, host },
  });
}
