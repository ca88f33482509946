import { isContainerdError, packAny } from "@voiyd/containerd-client";
import { ImageStoreSchema } from "@voiyd/containerd-client/api/containerd/types/transfer/imagestore";
import { OCIRegistrySchema } from "@voiyd/containerd-client/api/containerd/types/transfer/registry";
import { hostPlatform, type Platform, platformFits, type Reference } from "@voiyd/oci-registry";
import type { PullProgress } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { findImageRecord, type ImageRecord, readImageRecord, writeImageRecord } from "../image/image-record.js";
import { localDocuments } from "../image/local-documents.js";
import { unpack } from "../image/unpack.js";
import { withPullLease } from "../image/pull-lease.js";
import { answerChallenge } from "./answer-challenge.js";
import { openDaemonStream } from "./daemon-stream.js";
import { transferError } from "./transfer-error.js";
import { readTransferProgress } from "./transfer-progress.js";

type Options = { signal?: AbortSignal };

export interface TransferPull {
  readonly name: string;
  readonly reference: Reference;
  /** `undefined`: this host's. */
  readonly platform: Platform | undefined;
  readonly allPlatforms: boolean;
  readonly report: (progress: PullProgress) => void;
}

/**
 * Lets the daemon pull an image, and sees to what it promises by itself only where it is configured for it: that the
 * layers are snapshots. Afterwards everything is as after a pull of ours.
 */
export async function pullByTransfer(context: RuntimeContext, pull: TransferPull, options: Options): Promise<void> {
  const { name, platform = hostPlatform(), report } = pull;
  await withPullLease(context, async (leased) => {
    const before = await findImageRecord(leased, name, options);
    const finished = new Set<string>();
    const noted = (progress: PullProgress): void => {
      if (progress.phase === "done") finished.add(progress.subject);
      report(progress);
    };
    const transfer = (unpacked: boolean): Promise<void> =>
      runTransfer(leased, { ...pull, report: noted }, unpacked, options);
    try {
      // A daemon is configured for the snapshotters that it unpacks for. For others it refuses, and we do it.
      await transfer(true).catch((error: unknown) =>
        isNotConfigured(error) ? transfer(false) : Promise.reject(error),
      );
    } catch (error) {
      throw transferError(error, name);
    }
    try {
      const record = await readImageRecord(leased, name, options);
      const documents = await localDocuments(leased, record, options, platform);
      const hooks = { layerReady: () => Promise.resolve() };
      if (platformFits(platform, hostPlatform())) await unpack(leased, documents, hooks, options);
      for (const { digest: subject, size: total } of documents.manifest.layers)
        if (!finished.has(subject)) report({ phase: "done", kind: "layer", subject, total, existed: true });
    } catch (error) {
      await restore(context, name, before);
      throw error;
    }
  });
}

/** The daemon names an image as soon as it has it. One that is of no use to us is not to be seen. */
async function restore(context: RuntimeContext, name: string, before: ImageRecord | undefined): Promise<void> {
  if (before === undefined) await context.client.images.delete({ name });
  else await writeImageRecord(context, name, before.target, {});
}

/** One transfer with its side channels: the daemon takes a channel for one transfer alone. */
async function runTransfer(
  context: RuntimeContext,
  pull: TransferPull,
  unpacked: boolean,
  options: Options,
): Promise<void> {
  const { client, transfer } = context;
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal]);
  const fail = (error: unknown): void => {
    failed.abort(error);
  };
  await using progress = await openDaemonStream(
    client,
    (message) => {
      const step = readTransferProgress(message);
      if (step !== undefined) pull.report(step);
      return undefined;
    },
    fail,
    { signal },
  );
  const { credentials } = transfer;
  await using challenges =
    credentials === undefined
      ? undefined
      : await openDaemonStream(client, (message) => answerChallenge(credentials, message, { signal }), fail, {
          signal,
        });
  const isInsecure = transfer.insecureRegistries?.includes(pull.reference.registry) === true;
  const source = packAny(OCIRegistrySchema, {
    reference: pull.name,
    resolver: {
      ...(challenges !== undefined && { authStream: challenges.id }),
      ...(transfer.hostsDir !== undefined && { hostDir: transfer.hostsDir }),
      ...(isInsecure && { defaultScheme: "http" }),
    },
  });
  await client.transfer.transfer(
    { source, destination: destination(context, pull, unpacked), options: { progressStream: progress.id } },
    { signal },
  );
}

function destination(
  { snapshotter }: RuntimeContext,
  { name, platform = hostPlatform(), allPlatforms }: TransferPull,
  unpacked: boolean,
): ReturnType<typeof packAny> {
  const host = hostPlatform();
  const isOurs = allPlatforms || platformFits(platform, host);
  return packAny(ImageStoreSchema, {
    name,
    ...(!allPlatforms && { platforms: [platform], manifestLimit: 1 }),
    ...(unpacked && isOurs && { unpacks: [{ platform: host, snapshotter }] }),
  });
}

function isNotConfigured(error: unknown): boolean {
  return isContainerdError(error, "invalid_argument") && error.message.includes("no unpack platforms");
}
