import type { Platform } from "./platform.js";

const ARCHITECTURES: ReadonlyMap<string, readonly [architecture: string, variant?: string]> = new Map([
  ["x86_64", ["amd64"]],
  ["x86-64", ["amd64"]],
  ["aarch64", ["arm64"]],
  ["i386", ["386"]],
  ["i686", ["386"]],
  ["armhf", ["arm", "v7"]],
  ["armel", ["arm", "v6"]],
]);

/**
 * One spelling for each platform: `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`, `macos` is `darwin`.
 * An image's author may have used any of them.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const given = platform.architecture.toLowerCase();
  const [architecture, implied] = ARCHITECTURES.get(given) ?? [given];
  const variant = normalizeVariant(architecture, (platform.variant ?? implied)?.toLowerCase());
  const version = platform["os.version"];
  const features = platform["os.features"];
  return {
    architecture,
    os: os === "macos" ? "darwin" : os,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { "os.version": version }),
    ...(features !== undefined && { "os.features": features }),
  };
}

function normalizeVariant(architecture: string, variant: string | undefined): string | undefined {
  const name = variant !== undefined && /^[0-9]/.test(variant) ? `v${variant}` : variant;
  switch (architecture) {
    case "amd64":
      return name === "v1" ? undefined : name;
    case "arm64":
      return name === "v8" || name === "v8.0" ? undefined : name;
    case "arm":
      return name ?? "v7";
    default:
      return name;
  }
}
