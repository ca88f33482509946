import { createHash } from "node:crypto";
import { isContainerdError } from "@voiyd/containerd-client";
import {
  type Descriptor,
  hostPlatform,
  isIndexType,
  MAX_CONFIG_BYTES,
  MAX_MANIFEST_BYTES,
  parseImageConfig,
  parseIndex,
  parseManifest,
  selectPlatform,
} from "@voiyd/oci-registry";
import { type Image, type ImageProblem, type PullProgress, RuntimeError } from "@voiyd/runtime-api";
import { readContent, streamContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { chainIds } from "./chain-id.js";
import { fromSources, refetch } from "./ensure-content.js";
import { fetchAndUnpack, fetchDocument } from "./fetch-image.js";
import { readDocuments } from "./image-documents.js";
import { type ImageRecord, readImageRecord } from "./image-record.js";
import { describeImage } from "./images.js";
import { withPullLease } from "./pull-lease.js";
import { hasSnapshot } from "./ready-image.js";

type Options = { signal?: AbortSignal };

/** Reads and hashes every blob of the image for this host. Throws `IMAGE_NOT_FOUND`. */
export function verifyImage(context: RuntimeContext, reference: string, options: Options): Promise<ImageProblem[]> {
  return mapped(`image ${reference}`, async () => {
    options.signal?.throwIfAborted();
    const record = await readImageRecord(context, reference, options);
    return (await findings(context, record, options)).map(({ problem }) => problem);
  });
}

/** Fetches what is missing or damaged, and unpacks what is not. */
export function repairImage(
  context: RuntimeContext,
  reference: string,
  report: (progress: PullProgress) => void,
  options: Options,
): Promise<Image> {
  return mapped(`image ${reference}`, async () => {
    options.signal?.throwIfAborted();
    const record = await readImageRecord(context, reference, options);
    await withPullLease(context, async (leased) => {
      // A document that was mended tells of further blobs, so the look is repeated; each pass mends a level.
      const mended = new Set<string>();
      for (;;) {
        const open = (await findings(leased, record, options)).filter(({ problem }) => problem.kind !== "snapshot");
        const fresh = open.filter(({ problem }) => !mended.has(problem.digest));
        if (fresh.length === 0) break;
        for (const { problem, descriptor } of fresh) {
          mended.add(problem.digest);
          if (problem.kind === "snapshot") continue;
          if (problem.problem === "damaged") await discard(leased, problem.digest);
          await refetch(leased, record, problem.kind, descriptor, report, options);
        }
      }
      await assertMended(leased, record, options);
      // Labels for the collector are set anew, and what is not unpacked is.
      await fromSources(leased, record, options, async (source) => {
        const fetch = { context: leased, reference: source, report };
        const documents = await readDocuments(record.name, record.target, fetchDocument(fetch, options));
        await fetchAndUnpack(fetch, documents, options.signal);
      });
    });
    report({ phase: "done", kind: "image", subject: record.name });
    return describeImage(context, record, options);
  });
}

async function assertMended(context: RuntimeContext, record: ImageRecord, options: Options): Promise<void> {
  const left = (await findings(context, record, options)).find(({ problem }) => problem.kind !== "snapshot");
  if (left === undefined) return;
  const { kind, digest, problem } = left.problem;
  throw new RuntimeError("DATA_LOSS", `image ${record.name}: ${kind} ${digest} is ${problem}, and stays so`, {
    hint: "another containerd namespace may have the same blob: remove its image, too",
    details: { image: record.name, digest },
  });
}

interface Finding {
  readonly problem: ImageProblem;
  readonly descriptor: Descriptor;
}

async function findings(context: RuntimeContext, record: ImageRecord, options: Options): Promise<Finding[]> {
  const found: Finding[] = [];
  const check = async (kind: ImageProblem["kind"], descriptor: Descriptor): Promise<boolean> => {
    const problem = await stateOf(context, descriptor, options);
    if (problem !== "sound") found.push({ problem: { kind, digest: descriptor.digest, problem }, descriptor });
    return problem === "sound";
  };
  const read = ({ digest }: Descriptor, limit: number): Promise<Uint8Array> =>
    readContent(context.client, digest, limit, options);

  let document = record.target;
  for (let depth = 0; isIndexType(document.mediaType) && depth < 4; depth += 1) {
    if (!(await check("index", document))) return found;
    const chosen = selectPlatform(
      parseIndex(await read(document, MAX_MANIFEST_BYTES), document.mediaType),
      hostPlatform(),
    );
    if (chosen === undefined) return found;
    document = chosen;
  }
  if (!(await check("manifest", document))) return found;
  const manifest = parseManifest(await read(document, MAX_MANIFEST_BYTES), document.mediaType);
  const hasConfig = await check("config", manifest.config);
  for (const layer of manifest.layers) await check("layer", layer);
  if (!hasConfig) return found;
  const { rootfs } = parseImageConfig(await read(manifest.config, MAX_CONFIG_BYTES));
  for (const [index, chainId] of chainIds(rootfs.diffIds).entries()) {
    const layer = manifest.layers[index];
    if (layer === undefined || (await hasSnapshot(context, chainId, options))) continue;
    found.push({ problem: { kind: "snapshot", digest: chainId, problem: "missing" }, descriptor: layer });
  }
  return found;
}

async function stateOf(
  context: RuntimeContext,
  { digest, size }: Descriptor,
  options: Options,
): Promise<"sound" | "missing" | "damaged"> {
  const hash = createHash(digest.startsWith("sha512:") ? "sha512" : "sha256");
  let length = 0;
  try {
    for await (const chunk of streamContent(context.client, digest, 0, options)) {
      hash.update(chunk);
      length += chunk.length;
    }
  } catch (error) {
    if (isContainerdError(error, "not_found")) return "missing";
    if (isContainerdError(error, "out_of_range") || isContainerdError(error, "data_loss")) return "damaged";
    throw error;
  }
  return length === size && digest.endsWith(hash.digest("hex")) ? "sound" : "damaged";
}

/**
 * Takes a blob out of the store, down to its file: one that is only forgotten in this namespace would be found again,
 * damaged as it is, when the same bytes are to be written.
 */
async function discard(context: RuntimeContext, digest: string): Promise<void> {
  try {
    await context.client.content.delete({ digest });
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
  }
  // The end of a lease is a collection that can be waited for.
  await withPullLease(context, () => Promise.resolve());
}
