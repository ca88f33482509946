import { type Image, RuntimeError } from "@voiyd/runtime-api";
import type { ImageManagement } from "../commands/command.js";

/** Image management that does nothing but say what it was asked for. */
export function fakeImages(image: Image, record: (...words: readonly (string | undefined)[]) => void): ImageManagement {
  const details = {
    ...image,
    configDigest: `sha256:${"2".repeat(64)}`,
    names: [image.name],
    usedBy: [],
    config: { env: [], exposedPorts: [], volumes: [], labels: {} },
    layers: [],
    diskSize: 3_000_000,
    sharedSize: 1_000_000,
  };
  return {
    tagImage: async (source, target) => {
      record("tag", source, target);
      return { ...image, name: target };
    },
    untagImage: async (reference) => {
      if (reference === image.name)
        throw new RuntimeError("FAILED_PRECONDITION", `${reference} is the only name of its image`);
      record("untag", reference);
    },
    inspectImage: async (reference) => {
      if (/^no(?:thing|where)$/.test(reference))
        throw new RuntimeError("IMAGE_NOT_FOUND", `there is no image "${reference}"`);
      return { ...details, name: reference };
    },
    imageHistory: async () => [
      { createdBy: "CMD sh", size: 0 },
      { createdBy: "ADD files", size: 1_500_000, layer: `sha256:${"3".repeat(64)}`, created: new Date(0) },
    ],
    pruneImages: async ({ all = false, dryRun = false } = {}) => {
      record("prune", all ? "all" : undefined, dryRun ? "dry" : undefined);
      return {
        removed: [{ name: image.name, digest: image.digest, reason: "no container uses it" }],
        kept: [{ name: "other", digest: image.digest, reason: "used by container web" }],
        reclaimedBytes: 2_000_000,
      };
    },
    pushImage: async (reference, { target, platform } = {}) => {
      record("push", reference, target, platform);
      return { name: target ?? reference, digest: image.digest };
    },
    saveImages: async function* (references) {
      record("save", ...references);
      yield new TextEncoder().encode("archive");
    },
    loadImages: async (archive) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of archive) parts.push(chunk);
      record("load", Buffer.concat(parts).toString("utf8"));
      return [image];
    },
    verifyImage: async (reference) =>
      reference === "bad" ? [{ kind: "layer", digest: image.digest, problem: "missing" }] : [],
    repairImage: async (reference) => {
      record("repair", reference);
      return image;
    },
  };
}
