import { unpackAny } from "@voiyd/containerd-client";
import { ProgressSchema } from "@voiyd/containerd-client/api/containerd/types/transfer/progress";
import type { PullProgress } from "@voiyd/runtime-api";
import type { Any } from "./daemon-stream.js";

/** What the daemon calls the things that it fetches: their kind and their digest (`remotes.MakeRefKey` of its client). */
const NAME = /^(?<kind>manifest|index|config|layer)-(?<digest>sha(?:256|512):[0-9a-f]+)$/;

/** What the daemon says of a step, in our words; undefined for what it says beyond. */
export function readTransferProgress(message: Any): PullProgress | undefined {
  const progress = unpackAny(ProgressSchema, message);
  const { kind, digest } = NAME.exec(progress?.name ?? "")?.groups ?? {};
  if (progress === undefined || kind === undefined || digest === undefined) return undefined;
  const what = { kind: kind === "layer" || kind === "config" ? kind : "manifest", subject: digest } as const;
  const total = progress.total > 0n ? { total: Number(progress.total) } : {};
  switch (progress.event) {
    case "downloading":
      return { phase: "downloading", ...what, current: Number(progress.progress), ...total };
    // A layer that is here is not a snapshot yet: whether it has to be made one is not known at this point.
    case "complete":
      return { phase: kind === "layer" ? "verifying" : "done", ...what, ...total };
    case "already exists":
      return kind === "layer" ? undefined : { phase: "done", ...what, ...total, existed: true };
    case "extracting":
      return { phase: "unpacking", ...what, ...total };
    case "extracted":
      return { phase: "done", ...what, ...total };
    default:
      return undefined;
  }
}
