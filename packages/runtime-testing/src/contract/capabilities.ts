import { strictEqual } from "node:assert/strict";
import {
  canAttach,
  canCommit,
  canCopy,
  canDiff,
  canEdit,
  canExec,
  canPause,
  canPruneImages,
  canSupervise,
  canRecover,
  canTagImages,
  canWait,
  hasDiskUsage,
  hasEvents,
  hasImages,
  hasLifecycle,
  hasLogs,
  hasStats,
  hasTop,
} from "@voiyd/runtime-api";
import type { Promised } from "./stage.js";

export function capabilitiesContract(promised: Promised): void {
  promised("the guards say what was declared", ({ harness, runtime }) => {
    strictEqual(canWait(runtime), harness.capabilities.includes("wait"));
    strictEqual(hasImages(runtime), harness.capabilities.includes("images"));
    strictEqual(canTagImages(runtime), harness.capabilities.includes("image-tags"));
    strictEqual(canPruneImages(runtime), harness.capabilities.includes("image-pruning"));
    strictEqual(canAttach(runtime), harness.capabilities.includes("attach"));
    strictEqual(canCommit(runtime), harness.capabilities.includes("commit"));
    strictEqual(canDiff(runtime), harness.capabilities.includes("diff"));
    strictEqual(canCopy(runtime), harness.capabilities.includes("copy"));
    strictEqual(hasDiskUsage(runtime), harness.capabilities.includes("disk-usage"));
    strictEqual(canEdit(runtime), harness.capabilities.includes("edit"));
    strictEqual(hasEvents(runtime), harness.capabilities.includes("events"));
    strictEqual(canExec(runtime), harness.capabilities.includes("exec"));
    strictEqual(canRecover(runtime), harness.capabilities.includes("recover"));
    strictEqual(canPause(runtime), harness.capabilities.includes("pause"));
    strictEqual(hasLifecycle(runtime), harness.capabilities.includes("lifecycle"));
    strictEqual(canSupervise(runtime), harness.capabilities.includes("supervise"));
    strictEqual(hasLogs(runtime), harness.capabilities.includes("logs"));
    strictEqual(hasStats(runtime), harness.capabilities.includes("stats"));
    strictEqual(hasTop(runtime), harness.capabilities.includes("top"));
    return Promise.resolve();
  });
}
