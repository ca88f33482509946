import { normalizePlatform } from "./normalize-platform.js";
import type { Platform } from "./platform.js";

/**
 * What runs on a host, the best first: the host's own platform, then its older variants, then the 32-bit ones that its
 * processor also runs. The order is containerd's.
 */
export function platformLadder(host: Platform): readonly Platform[] {
  const normal = normalizePlatform(host);
  return steps(normal.architecture, normal.variant).map(([architecture, variant]) =>
    normalizePlatform({ os: normal.os, architecture, ...(variant !== undefined && { variant }) }),
  );
}

type Step = readonly [architecture: string, variant?: string | undefined];

function steps(architecture: string, variant: string | undefined): readonly Step[] {
  switch (architecture) {
    case "amd64":
      return [...amd64Steps(variant), ["386"]];
    case "arm64":
      return [...arm64Steps(variant), ...armSteps("v8")];
    case "arm":
      return armSteps(variant ?? "v7");
    default:
      return [[architecture, variant]];
  }
}

function amd64Steps(variant: string | undefined): readonly Step[] {
  const level = variant === undefined ? 1 : levelOf(variant);
  if (level === undefined) return [["amd64", variant], ["amd64"]];
  return descending(level, 1).map((n): Step => (n === 1 ? ["amd64"] : ["amd64", `v${String(n)}`]));
}

/** ARM 9.n holds what ARM 8.(n + 5) holds. */
function arm64Steps(variant: string | undefined): readonly Step[] {
  const match = /^v([89])(?:\.([0-9]))?$/.exec(variant ?? "v8");
  if (match === null) return [["arm64", variant], ["arm64"]];
  const minor = Number(match[2] ?? 0);
  const nine = match[1] === "9" ? descending(minor, 0).map((n): Step => ["arm64", minorVariant(9, n)]) : [];
  const eight = descending(match[1] === "9" ? Math.min(minor + 5, 9) : minor, 0).map((n): Step => [
    "arm64",
    minorVariant(8, n),
  ]);
  return [...nine, ...eight];
}

function armSteps(variant: string): readonly Step[] {
  const level = levelOf(variant);
  if (level === undefined) return [["arm", variant]];
  return level < 5 ? [["arm", variant]] : descending(level, 5).map((n): Step => ["arm", `v${String(n)}`]);
}

function minorVariant(major: number, minor: number): string {
  return minor === 0 ? `v${String(major)}` : `v${String(major)}.${String(minor)}`;
}

function levelOf(variant: string): number | undefined {
  const match = /^v([0-9])$/.exec(variant);
  return match === null ? undefined : Number(match[1]);
}

function descending(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(from - to + 1, 0) }, (_, step) => from - step);
}
