import {
  type Descriptor,
  formatReference,
  hostPlatform,
  parseReference,
  type Platform,
  platformFits,
  readPlatformText,
  type Reference,
} from "@voiyd/oci-registry";
import { isRuntimeError, type PullOptions, type PullProgress } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { chooseBackend } from "../transfer/choose-backend.js";
import { pullByTransfer } from "../transfer/pull-by-transfer.js";
import { mapped } from "../errors/map-error.js";
import { type Fetch, fetchAndUnpack, fetchDocument, fetchLayers } from "./fetch-image.js";
import { readDocuments } from "./image-documents.js";
import { writeImageRecord } from "./image-record.js";
import { everyEntry, readTree } from "./image-tree.js";
import { withPullLease } from "./pull-lease.js";

type Options = { signal?: AbortSignal };

interface Pull {
  readonly name: string;
  readonly reference: Reference;
  /** `undefined`: this host's. */
  readonly platform: Platform | undefined;
  readonly allPlatforms: boolean;
  readonly report: (progress: PullProgress) => void;
}

/**
 * Fetches an image, verifies and unpacks it, and names it last of all: an image that can be seen is complete. Returns
 * its normalised name.
 */
export function pullImage(context: RuntimeContext, text: string, options: PullOptions): Promise<string> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  const platform = options.platform === undefined ? undefined : readPlatformText(options.platform);
  const { allPlatforms = false } = options;
  const report = options.onProgress ?? (() => undefined);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  return mapped(`image ${name}`, async () => {
    options.signal?.throwIfAborted();
    report({ phase: "resolving", kind: "image", subject: name });
    if ((await chooseBackend(context, call)) === "transfer")
      await pullByTransfer(context, { name, reference, platform, allPlatforms, report }, call);
    else await pullHere(context, { name, reference, platform, allPlatforms, report }, call);
    report({ phase: "done", kind: "image", subject: name });
    return name;
  });
}

async function pullHere(context: RuntimeContext, pull: Pull, call: Options): Promise<void> {
  const { name, reference, platform, allPlatforms, report } = pull;
  const root = await context.imageSource.resolve(reference, call);
  await withPullLease(context, async (leased) => {
    const fetch = { context: leased, reference, report };
    if (allPlatforms) await fetchEverything(fetch, name, root, call);
    else if (platform !== undefined && !platformFits(platform, hostPlatform())) {
      const { manifest } = await readDocuments(name, root, fetchDocument(fetch, call), platform);
      await fetchLayers(fetch, manifest.layers, call);
    } else {
      const documents = await readDocuments(name, root, fetchDocument(fetch, call), platform);
      await fetchAndUnpack(fetch, documents, call.signal);
    }
    await writeImageRecord(leased, name, root, call);
  });
}

/** Every manifest of every platform with all its blobs; this host's is unpacked, where there is one. */
export async function fetchEverything(fetch: Fetch, name: string, root: Descriptor, call: Options): Promise<void> {
  const tree = await readTree(root, fetchDocument(fetch, call), everyEntry);
  await fetchLayers(fetch, unique(tree.manifests.flatMap(({ manifest }) => manifest.layers)), call);
  try {
    const documents = await readDocuments(name, root, fetchDocument(fetch, call));
    await fetchAndUnpack(fetch, documents, call.signal);
  } catch (error) {
    if (!isRuntimeError(error, "IMAGE_PLATFORM_MISMATCH")) throw error;
  }
}

export function unique(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
