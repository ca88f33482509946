import { describe, expect, test } from "@jest/globals";
import type { Runtime } from "../runtime.js";
import { hasImageArchives } from "./image-archives.js";
import { canInspectImages } from "./image-inspection.js";
import { canPruneImages } from "./image-pruning.js";
import { canPushImages } from "./image-push.js";
import { canTagImages } from "./image-tags.js";
import { canVerifyImages } from "./image-verification.js";
import { canAttach } from "./attach.js";
import { canCommit } from "./commit.js";
import { canCopy } from "./copy.js";
import { canExport } from "./export.js";
import { canDiff } from "./diff.js";
import { canAudit } from "./audit.js";
import { hasDiskUsage } from "./disk-usage.js";
import { canEdit } from "./edit.js";
import { hasEvents } from "./events.js";
import { canExec } from "./exec.js";
import { hasImages } from "./images.js";
import { hasLifecycle } from "./lifecycle.js";
import { hasLogs } from "./logs.js";
import { canPause } from "./pause.js";
import { canRecover } from "./recover.js";
import { hasStats } from "./stats.js";
import { canSupervise } from "./supervise.js";
import { hasTop } from "./top.js";
import { canPruneVolumes } from "./volume-pruning.js";
import { canWait } from "./wait.js";

const refuse = (): Promise<never> => Promise.reject(new Error("not called"));

const plain: Runtime = {
  list: refuse,
  get: refuse,
  run: refuse,
  stop: refuse,
  kill: refuse,
  delete: refuse,
  cleanup: refuse,
  pull: refuse,
  labels: refuse,
  io: refuse,
  namespace: () => "test",
  version: refuse,
  id: refuse,
  name: refuse,
};

class Able {
  wait(): Promise<never> {
    return refuse();
  }
  pullImage(): Promise<never> {
    return refuse();
  }
}

describe("the guards of capabilities", () => {
  test("say no where a method is not there, or is none", () => {
    for (const guard of [canWait, hasImages]) {
      expect(guard(plain)).toBe(false);
      expect(guard(Object.assign({}, plain, { wait: true, pullImage: "yes" }))).toBe(false);
    }
  });

  test("ask for a recover that can be called", () => {
    expect(canRecover(plain)).toBe(false);
    expect(canAudit(plain)).toBe(false);
    expect(canAudit(Object.assign({}, plain, { audit: refuse }))).toBe(true);
    expect(canRecover(Object.assign({}, plain, { recover: "soon" }))).toBe(false);
    expect(canRecover(Object.assign({}, plain, { recover: refuse }))).toBe(true);
  });

  test("say yes where it is, inherited too", () => {
    const able: Runtime = Object.assign(new Able(), plain);
    expect(canWait(able)).toBe(true);
    expect(hasImages(able)).toBe(true);
    expect(canWait(Object.assign({}, plain, { wait: refuse }))).toBe(true);
    expect(hasImages(Object.assign({}, plain, { wait: refuse }))).toBe(false);
  });
});

test.each([
  ["tagImage", canTagImages],
  ["pruneImages", canPruneImages],
  ["inspectImage", canInspectImages],
  ["pushImage", canPushImages],
  ["saveImages", hasImageArchives],
  ["verifyImage", canVerifyImages],
])("a runtime with %s has that capability and no other one of images", (method, guard) => {
  const able: Runtime = Object.assign({}, plain, { [method]: refuse });
  expect(guard(plain)).toBe(false);
  expect(guard(Object.assign({}, plain, { [method]: "no function" }))).toBe(false);
  const all = [canTagImages, canPruneImages, canInspectImages, canPushImages, hasImageArchives, canVerifyImages];
  expect(all.filter((candidate) => candidate(able))).toEqual([guard]);
});

/** The guards of what happens to containers, by the methods that each asks for. */
const OF_CONTAINERS: readonly (readonly [guard: (runtime: Runtime) => boolean, methods: readonly string[]])[] = [
  [canCommit, ["commit"]],
  [canCopy, ["copyTo"]],
  [canDiff, ["diff"]],
  [canExport, ["exportFiles"]],
  [canWait, ["wait"]],
  [canExec, ["exec"]],
  [canAttach, ["attach"]],
  [hasLogs, ["logs"]],
  [hasEvents, ["events"]],
  [hasStats, ["stats"]],
  [hasTop, ["top"]],
  [canPause, ["pause", "resume"]],
  [canEdit, ["update", "rename"]],
  [hasLifecycle, ["create", "start", "restart"]],
  [canSupervise, ["supervise"]],
  [canRecover, ["recover"]],
  [canAudit, ["audit"]],
  [hasDiskUsage, ["diskUsage"]],
  [canPruneVolumes, ["pruneVolumes"]],
];

test.each(OF_CONTAINERS.map(([guard, methods]) => [guard.name, methods, guard] as const))(
  "%s says yes to a runtime with %j, and no other guard does",
  (_name, methods, guard) => {
    const able: Runtime = Object.assign({}, plain, Object.fromEntries(methods.map((method) => [method, refuse])));
    expect(guard(plain)).toBe(false);
    expect(OF_CONTAINERS.filter(([candidate]) => candidate(able)).map(([{ name }]) => name)).toEqual([guard.name]);
    const named = Object.assign({}, able, Object.fromEntries(methods.map((method) => [method, "no function"])));
    expect(guard(named)).toBe(false);
  },
);
