import type { Logger } from "@voiyd/logger";
import type { ImageHealthcheck } from "@voiyd/oci-registry";
import { assertHealthCheck, type HealthCheck, isRuntimeError } from "@voiyd/runtime-api";

/** The check that is carried out: the caller's word, then the image's. Undefined where there is none, or none is wanted. */
export function healthCheckOf(
  own: HealthCheck | undefined,
  image: ImageHealthcheck | undefined,
  logger: Logger,
): HealthCheck | undefined {
  const check = { ...usable(image, logger), ...own };
  const { test } = check;
  return test === undefined || test[0] === "NONE" ? undefined : check;
}

/** An image that says nonsense stops nobody from running it. */
function usable(image: ImageHealthcheck | undefined, logger: Logger): HealthCheck | undefined {
  if (image === undefined) return undefined;
  try {
    assertHealthCheck(image);
    return image;
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    logger.warn("the image's health check is passed over", { error });
    return undefined;
  }
}
