import { strictEqual } from "node:assert/strict";
import {
  canAttach,
  canCommit,
  canCopy,
  canDiff,
  canEdit,
  canExec,
  canExport,
  canInspectImages,
  canPause,
  canPruneImages,
  canPushImages,
  canRecover,
  canSupervise,
  canTagImages,
  canVerifyImages,
  canWait,
  hasDiskUsage,
  hasEvents,
  hasImageArchives,
  hasImages,
  hasLifecycle,
  hasLogs,
  hasStats,
  hasTop,
  type Runtime,
} from "@voiyd/runtime-api";
import type { ContractCapability, ContractHarness } from "./harness.js";
import type { Promised } from "./stage.js";

const GUARDS: Readonly<Record<ContractCapability, (runtime: Runtime) => boolean>> = {
  attach: canAttach,
  commit: canCommit,
  copy: canCopy,
  diff: canDiff,
  "disk-usage": hasDiskUsage,
  edit: canEdit,
  events: hasEvents,
  exec: canExec,
  export: canExport,
  "image-archives": hasImageArchives,
  "image-inspection": canInspectImages,
  "image-pruning": canPruneImages,
  "image-push": canPushImages,
  "image-tags": canTagImages,
  "image-verification": canVerifyImages,
  images: hasImages,
  lifecycle: hasLifecycle,
  logs: hasLogs,
  pause: canPause,
  recover: canRecover,
  stats: hasStats,
  supervise: canSupervise,
  top: hasTop,
  wait: canWait,
};

export function capabilitiesContract(promised: Promised, { capabilities, without = {} }: ContractHarness): void {
  const known = Object.entries(GUARDS);

  promised("has all that was declared", ({ runtime }) => {
    for (const name of capabilities) strictEqual(GUARDS[name](runtime), true, `the runtime has no ${name}`);
    return Promise.resolve();
  });

  for (const [name, guard] of known.filter(
    ([capability]) => !capabilities.some((declared) => declared === capability),
  )) {
    const reason = Object.entries(without).find(([capability]) => capability === name)?.[1] ?? "no reason was given";
    promised(`does not have ${name}: ${reason}`, ({ runtime }) => {
      strictEqual(guard(runtime), false, `the runtime has ${name}, and it was not declared`);
      return Promise.resolve();
    });
  }
}
