import type { Image, ImageDetails, ImageHistoryEntry, ImageLayer } from "@voiyd/runtime-api";
import type { ImageUse } from "./memory-images.js";
import type { StoredImage } from "./stored-image.js";
import { sizeOf } from "./stored-image.js";

export const PLATFORM = "linux/amd64";

export function describeImage(name: string, stored: StoredImage, created: Date): Image {
  const { digest, blobs } = stored;
  return { name, digest, mediaType: blobs.manifest.mediaType, size: sizeOf(stored), created, platform: PLATFORM };
}

/** Everything about an image; `names` and `uses` are its own. */
export function imageDetails(
  image: Image,
  stored: StoredImage,
  names: readonly string[],
  uses: readonly ImageUse[],
): ImageDetails {
  const { content, blobs } = stored;
  const { args, entrypoint, stopSignal, user, workingDir } = content;
  return {
    ...image,
    configDigest: blobs.config.digest,
    names,
    usedBy: uses.map(({ container }) => container),
    config: {
      env: (content.envvars ?? []).map(({ name, value }) => `${name}=${value}`),
      exposedPorts: [],
      volumes: [],
      labels: {},
      ...(user !== undefined && { user }),
      ...(entrypoint && { entrypoint: [...entrypoint] }),
      ...(args && { cmd: [...args] }),
      ...(workingDir !== undefined && { workingDir }),
      ...(stopSignal !== undefined && { stopSignal }),
    },
    layers: layersOf(stored),
    diskSize: sizeOf(stored),
    // Only names share an image here.
    sharedSize: 0,
  };
}

/** How an image in memory was made nobody has written down: one step for each of its layers. */
export function imageHistory(stored: StoredImage): ImageHistoryEntry[] {
  return layersOf(stored)
    .map(({ digest, size }) => ({ createdBy: "", size, layer: digest }))
    .reverse();
}

function layersOf({ content, blobs }: StoredImage): ImageLayer[] {
  return blobs.layers.map(({ digest, mediaType, bytes }, index) => {
    const size = index === 0 ? (content.size ?? bytes.length) : bytes.length;
    return { digest, diffId: digest, mediaType, size, unpackedSize: size, isPresent: true };
  });
}
