import type { Labels } from "../container.js";
import { invalid } from "./invalid.js";

/**
 * Prefixes that mean something to containerd or to tools over it. `containerd.io/restart.loguri`, for one, makes the
 * daemon start a program of the host (CVE-2026-53488), so no label of a user or an image may carry them.
 */
export const RESERVED_LABEL_PREFIXES: readonly string[] = [
  "containerd.io/",
  "io.containerd.",
  "io.cri-containerd",
  "nerdctl/",
  "voiyd/",
  "voiyd.io/",
];

/** Containerd refuses a label whose key and value are longer together, in bytes. */
export const LABEL_MAX_BYTES = 4096;

export function isReservedLabel(key: string): boolean {
  return RESERVED_LABEL_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** Throws `INVALID_ARGUMENT` for labels that cannot be kept, or must not be. */
export function assertLabels(labels: Labels): void {
  const encoder = new TextEncoder();
  for (const [key, value] of Object.entries(labels)) {
    if (key === "") throw invalid("labels", key, "keyed by at least one character");
    if (typeof value !== "string") throw invalid(`labels[${JSON.stringify(key)}]`, value, "a string");
    if (isReservedLabel(key)) {
      throw invalid("labels", key, `outside of the reserved prefixes ${RESERVED_LABEL_PREFIXES.join(", ")}`);
    }
    if (encoder.encode(key + value).length > LABEL_MAX_BYTES) {
      throw invalid("labels", key, `at most ${String(LABEL_MAX_BYTES)} bytes, key and value together`);
    }
  }
}
