import { strictEqual } from "node:assert/strict";
import { canWait, hasImages } from "@voiyd/runtime-api";
import type { Promised } from "./stage.js";

export function capabilitiesContract(promised: Promised): void {
  promised("the guards say what was declared", ({ harness, runtime }) => {
    strictEqual(canWait(runtime), harness.capabilities.includes("wait"));
    strictEqual(hasImages(runtime), harness.capabilities.includes("images"));
    return Promise.resolve();
  });
}
