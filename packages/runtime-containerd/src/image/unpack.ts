import type { Descriptor } from "@voiyd/oci-registry";
import { startBounded } from "../concurrency/bounded.js";
import { labelContent } from "../content/read-content.js";
import type { RuntimeContext } from "../context.js";
import { canRebase } from "../daemon/plugins.js";
import { snapshotOf } from "./gc-labels.js";
import type { ImageDocuments } from "./image-documents.js";
import { hasSnapshot } from "./ready-image.js";
import { unpackLayer } from "./unpack-layer.js";

type Options = { signal?: AbortSignal };

/** Layers that are unpacked at the same time, where they can be: as many as are fetched. */
const PARALLEL_LAYERS = 3;

export interface UnpackHooks {
  /** Resolves when the blob of layer `index` is in the content store. */
  readonly layerReady: (index: number) => Promise<void>;
  readonly onLayer?: (layer: Descriptor, state: "unpacking" | "done", existed: boolean) => void;
}

/** How many of the image's lowest layers have their snapshots: these need neither be fetched nor unpacked. */
export async function unpackedLayers(
  context: RuntimeContext,
  chain: readonly string[],
  options: Options,
): Promise<number> {
  for (let count = chain.length; count > 0; count--) {
    const chainId = chain[count - 1];
    if (chainId !== undefined && (await hasSnapshot(context, chainId, options))) return count;
  }
  return 0;
}

/**
 * Turns the layers into snapshots, each as soon as its blob is there, and ties the top one to the image's config. Layers
 * that are snapshots already are passed over. Where a snapshot can be given its parent last, several are unpacked at once;
 * elsewhere one after the other, the lowest first.
 */
export async function unpack(
  context: RuntimeContext,
  documents: ImageDocuments,
  hooks: UnpackHooks,
  options: Options,
): Promise<void> {
  const { manifest, chain } = documents;
  const present = await unpackedLayers(context, chain, options);
  const indexes = chain.slice(present).map((_, position) => present + position);
  // Asked each time: a daemon that took the place of another one would leave the parent out without a word.
  const apart = indexes.length > 1 && (await canRebase(context, options));
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const done = startBounded(indexes, apart ? PARALLEL_LAYERS : 1, async (index) => {
    try {
      const below = apart && index > present ? done[index - present - 1] : undefined;
      await unpackNext(context, documents, { index, apart, below, hooks }, { signal });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  // All of them: nothing goes on behind the caller's back.
  const outcomes = await Promise.allSettled(done);
  options.signal?.throwIfAborted();
  if (outcomes.some(({ status }) => status === "rejected")) throw stop.signal.reason;
  const top = chain.at(-1);
  if (top !== undefined)
    await labelContent(context.client, manifest.config.digest, snapshotOf(context.snapshotter, top), options);
}

interface Next {
  readonly index: number;
  /** Without its parent, which it is given in the end. */
  readonly apart: boolean;
  /** Resolves when the parent is there; absent when it is. */
  readonly below: Promise<void> | undefined;
  readonly hooks: UnpackHooks;
}

async function unpackNext(
  context: RuntimeContext,
  { manifest, chain, config }: ImageDocuments,
  { index, apart, below, hooks }: Next,
  options: Options,
): Promise<void> {
  const [layer, diffId, chainId] = [manifest.layers[index], config.rootfs.diffIds[index], chain[index]];
  if (layer === undefined || diffId === undefined || chainId === undefined) return;
  await hooks.layerReady(index);
  hooks.onLayer?.(layer, "unpacking", false);
  const parent = chain[index - 1] ?? "";
  const existed = await context.unpacking.run(`${context.snapshotter} ${chainId}`, () =>
    unpackLayer(context, { layer, diffId, chainId, parent, apart: apart && parent !== "", below }, options),
  );
  hooks.onLayer?.(layer, "done", existed);
}
