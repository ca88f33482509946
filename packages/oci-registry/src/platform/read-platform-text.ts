import { invalid } from "@voiyd/runtime-api";
import { normalizePlatform } from "./normalize-platform.js";
import type { Platform } from "./platform.js";

const TEXT = /^(?:([a-z0-9]{1,32})\/)?([a-z0-9_-]{1,32})(?:\/([a-z0-9.]{1,32}))?$/;

/** A platform as people write it: `linux/arm64`, `linux/arm/v7`, or an architecture alone. Throws `INVALID_ARGUMENT`. */
export function readPlatformText(text: string): Platform {
  const [, os, architecture, variant] = TEXT.exec(text.toLowerCase()) ?? [];
  if (architecture === undefined)
    throw invalid("platform", text, "an operating system and an architecture, as linux/arm64");
  return normalizePlatform({ os: os ?? "linux", architecture, ...(variant !== undefined && { variant }) });
}
