import type { Descriptor } from "../document/descriptor.js";
import type { Index } from "../document/manifest.js";
import { isIndexType, isManifestType } from "../document/media-types.js";
import { normalizePlatform } from "./normalize-platform.js";
import type { Platform } from "./platform.js";
import { platformLadder } from "./platform-ladder.js";

const ATTESTATION = "vnd.docker.reference.type";

/**
 * The entry of an index that suits `host` best, or `undefined` when none can run there. An entry without a platform is
 * taken only when nothing else suits; its image config then tells what it is for. Of equals the first is taken.
 * Attestations, which build tools store as manifests for `unknown/unknown`, are never chosen.
 */
export function selectPlatform(index: Index, host: Platform): Descriptor | undefined {
  const ladder = platformLadder(host);
  let best: { readonly descriptor: Descriptor; readonly rank: number } | undefined;
  for (const descriptor of index.manifests.filter(isImage)) {
    const rank = rankOf(descriptor.platform, ladder, host);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { descriptor, rank };
  }
  return best?.descriptor;
}

/** Whether `platform` can run on `host`, by the same rules. */
export function platformFits(platform: Platform, host: Platform): boolean {
  return rankOf(platform, platformLadder(host), host) !== undefined;
}

function isImage({ mediaType, platform, annotations }: Descriptor): boolean {
  if (!isManifestType(mediaType) && !isIndexType(mediaType)) return false;
  if (annotations !== undefined && Object.hasOwn(annotations, ATTESTATION)) return false;
  return platform === undefined || platform.os !== "unknown" || platform.architecture !== "unknown";
}

function rankOf(platform: Platform | undefined, ladder: readonly Platform[], host: Platform): number | undefined {
  if (platform === undefined) return ladder.length;
  const wanted = normalizePlatform(platform);
  const available = new Set(host["os.features"] ?? []);
  if ((wanted["os.features"] ?? []).some((feature) => !available.has(feature))) return undefined;
  if (wanted.os === "windows" && !sameVersion(wanted["os.version"], host["os.version"])) return undefined;
  const rank = ladder.findIndex(
    (step) => step.os === wanted.os && step.architecture === wanted.architecture && step.variant === wanted.variant,
  );
  return rank === -1 ? undefined : rank;
}

/** Windows runs images of its own build: the first three numbers of the version. */
function sameVersion(wanted: string | undefined, host: string | undefined): boolean {
  if (wanted === undefined || host === undefined) return true;
  return wanted.split(".").slice(0, 3).join(".") === host.split(".").slice(0, 3).join(".");
}
