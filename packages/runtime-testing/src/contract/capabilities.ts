import { strictEqual } from "node:assert/strict";
import { canPruneImages, canTagImages, canWait, hasImages } from "@voiyd/runtime-api";
import type { Promised } from "./stage.js";

export function capabilitiesContract(promised: Promised): void {
  promised("the guards say what was declared", ({ harness, runtime }) => {
    strictEqual(canWait(runtime), harness.capabilities.includes("wait"));
    strictEqual(hasImages(runtime), harness.capabilities.includes("images"));
    strictEqual(canTagImages(runtime), harness.capabilities.includes("image-tags"));
    strictEqual(canPruneImages(runtime), harness.capabilities.includes("image-pruning"));
    return Promise.resolve();
  });
}
