import { isContainerdError } from "@voiyd/containerd-client";
import type { Platform } from "@voiyd/oci-registry";
import { RuntimeError } from "@voiyd/runtime-api";
import { readContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { type DocumentReader, type ImageDocuments, readDocuments } from "./image-documents.js";
import type { ImageRecord } from "./image-record.js";

/** What the image's blobs in the content store say. Throws `IMAGE_INVALID` when one is missing. */
export function localDocuments(
  context: RuntimeContext,
  image: ImageRecord,
  options: { signal?: AbortSignal },
  wanted?: Platform,
): Promise<ImageDocuments> {
  const read: DocumentReader = async (_kind, descriptor, maxBytes) => {
    try {
      return await readContent(context.client, descriptor.digest, maxBytes, options);
    } catch (error) {
      if (!isContainerdError(error, "not_found")) throw error;
      throw new RuntimeError("IMAGE_INVALID", `image ${image.name} is not complete: ${descriptor.digest} is missing`, {
        hint: "pull it again",
        cause: error,
        details: { image: image.name, digest: descriptor.digest },
      });
    }
  };
  return readDocuments(image.name, image.target, read, wanted);
}
