import { isContainerdError } from "@voiyd/containerd-client";
import { type Descriptor, type ImageConfig, readPlatformText } from "@voiyd/oci-registry";
import { type ContainerConfig, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { readImageRecord } from "./image-record.js";
import { knownDocuments, notWhole } from "./local-documents.js";
import { unpack } from "./unpack.js";
import { withPullLease } from "./pull-lease.js";

/** An image that a container can be made from now. */
export interface ReadyImage {
  readonly name: string;
  readonly config: ImageConfig;
  /** The snapshot of all its layers. */
  readonly chainId: string;
  /** Of its layers as they came, the lowest first. */
  readonly layers: readonly Descriptor[];
}

/**
 * The image that a container is made from, unpacked. Throws `IMAGE_NOT_FOUND` when it has not been pulled, and
 * `IMAGE_PLATFORM_MISMATCH` when it has not been for its platform. One that is here but not unpacked for this snapshotter
 * (another client may have pulled it, or it is for another platform) is unpacked first.
 */
export function readyImage(
  context: RuntimeContext,
  { image: reference, platform }: Pick<ContainerConfig, "image" | "platform">,
  options: { signal?: AbortSignal },
): Promise<ReadyImage> {
  return mapped(`image ${reference}`, async () => {
    const record = await readImageRecord(context, reference, options);
    const documents = await knownDocuments(context, record, { ...options, platform });
    const chainId = documents.chain.at(-1);
    if (chainId === undefined) throw new RuntimeError("IMAGE_INVALID", `image ${record.name} has no layers`);
    if (!(await hasSnapshot(context, chainId, options))) {
      try {
        await withPullLease(context, (leased) =>
          unpack(leased, documents, { layerReady: () => Promise.resolve() }, options),
        );
      } catch (error) {
        if (!isContainerdError(error, "not_found")) throw error;
        throw notWhole(record, platform === undefined ? undefined : readPlatformText(platform), error);
      }
    }
    return { name: record.name, config: documents.config, chainId, layers: documents.manifest.layers };
  });
}

export async function hasSnapshot(
  context: RuntimeContext,
  key: string,
  options: { signal?: AbortSignal },
): Promise<boolean> {
  try {
    await context.client.snapshots.stat({ snapshotter: context.snapshotter, key }, options);
    return true;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return false;
    throw error;
  }
}
