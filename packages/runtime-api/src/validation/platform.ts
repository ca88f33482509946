import { invalid } from "./invalid.js";

const PATTERN = /^(?:linux\/[a-z0-9_-]{1,32}(?:\/[a-z0-9.]{1,32})?|[a-z0-9_-]{1,32})$/i;

/** Which architectures there are is for the image to know; containers are of Linux. Throws `INVALID_ARGUMENT`. */
export function assertPlatform(platform: string | undefined): void {
  if (platform !== undefined && !PATTERN.test(platform)) {
    throw invalid("platform", platform, "a platform of Linux, as linux/arm64, linux/arm/v7 or arm64");
  }
}
