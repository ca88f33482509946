import { diffInventory, formatDifference, settledDifference, takeInventory } from "@voiyd/harness";
import { type Container, isRuntimeError } from "@voiyd/runtime-api";
import type { Stage } from "../fixture/stage.js";
import { committed, type OperationName, renamed, type Subject } from "./program/operations.js";
import type { FaultKind } from "./program/steps.js";
import type { Worker } from "./worker.js";

export interface Result {
  readonly operation: OperationName;
  readonly steps: number;
  readonly faults: number;
  /** Faults that the operation did not survive, and those that it did. */
  readonly failed: number;
  readonly survived: number;
  /** What was left behind or lost, by the faults it may come from. */
  readonly leaks: readonly string[];
}

export interface Plan {
  readonly operation: OperationName;
  readonly kinds: readonly FaultKind[];
  /** Every so many steps; 1 for all of them. */
  readonly stride: number;
  /** Faults between two looks at the host. */
  readonly batch: number;
  readonly subject: (name: string) => Subject;
}

/** What a second try is told where the first one has done it all, and only the word of it was lost. */
const DONE: Partial<Record<OperationName, string>> = {
  run: "NAME_IN_USE",
  create: "NAME_IN_USE",
  rename: "NOT_FOUND",
  pause: "FAILED_PRECONDITION",
  resume: "FAILED_PRECONDITION",
  "network create": "ALREADY_EXISTS",
  "network remove": "NETWORK_NOT_FOUND",
};

/** Networks are removed by the manager; everything else that a subject is, by the runtime. */
const ABOUT_NETWORKS: readonly OperationName[] = ["network create", "network remove"];
const ABOUT_IMAGES: readonly OperationName[] = ["pull", "load"];

/**
 * Runs an operation once to see its steps, and then once for each fault in each of them. After each fault everything is
 * recovered, and what the operation is about has to be whole or gone; after each batch the host has to be as before.
 */
export async function campaign(stage: Stage, worker: Worker, plan: Plan): Promise<Result> {
  const { operation } = plan;
  const first = await worker.obey({ operation, subject: plan.subject("subject-0") });
  if (first === undefined || first.error !== undefined) {
    throw new Error(`${operation} fails without a fault: ${first?.error ?? "it died"}`);
  }
  await clear(stage, plan, "subject-0");
  const before = await takeInventory(stage.host);
  const steps = first.steps.length;
  const faults = first.steps.flatMap((name, index) =>
    index % plan.stride === 0 ? plan.kinds.map((kind) => ({ name, step: index + 1, kind })) : [],
  );
  const leaks: string[] = [];
  let failed = 0;
  let batch: string[] = [];
  for (const [index, { name, step, kind }] of faults.entries()) {
    const subject = plan.subject(`subject-${String(index + 1)}`);
    const label = `${kind} at step ${String(step)} (${name})`;
    batch.push(label);
    const outcome = await worker.obey({ operation, subject, fault: { step, kind } });
    if (outcome?.error?.startsWith("prepare:") === true) leaks.push(`${label}: ${outcome.error}`);
    if (outcome?.error !== undefined || outcome === undefined) failed++;
    if (kind === "drop" && outcome?.error !== undefined) {
      const retry = await worker.obey({ operation, subject, again: true });
      if (retry?.error !== undefined && DONE[operation] !== retry.code) leaks.push(`${label}: again: ${retry.error}`);
    }
    const report = await stage.main.runtime.recover();
    leaks.push(
      ...report.failed.map(({ kind: what, subject: whose, reason }) => `${label}: ${what} ${whose}: ${reason}`),
    );
    leaks.push(
      ...(await judge(stage, plan, subject.name, outcome?.error === undefined && outcome !== undefined)).map(
        (text) => `${label}: ${text}`,
      ),
    );
    await clear(stage, plan, subject.name);
    if (batch.length === plan.batch || index === faults.length - 1) {
      const settled = diffInventory(before, await takeInventory(stage.host), { content: true });
      const left =
        settled.length === 0
          ? settled
          : await settledDifference(stage.host, before, { settleMs: 5_000, content: true });
      if (left.length > 0) leaks.push(`after ${batch.join(", ")}:\n${formatDifference(left)}`);
      batch = [];
    }
  }
  return { operation, steps, faults: faults.length, failed, survived: faults.length - failed, leaks };
}

/** What the operation is about is whole, or it is gone; and what it was said to have done is done. */
async function judge(stage: Stage, { operation }: Plan, name: string, succeeded: boolean): Promise<string[]> {
  if (ABOUT_NETWORKS.includes(operation) || ABOUT_IMAGES.includes(operation)) return [];
  const { runtime } = stage.main;
  const find = (ref: string): Promise<Container | undefined> =>
    runtime.get(ref).catch((error: unknown) => {
      if (isRuntimeError(error, "NOT_FOUND")) return undefined;
      throw error;
    });
  const container = (await find(name)) ?? (operation === "rename" ? await find(renamed(name)) : undefined);
  const phase = container?.status.phase ?? "gone";
  const wrong = (text: string): string[] => [`${text}: it is ${phase}`];
  if (phase === "creating" || phase === "deleting" || phase === "unknown") return wrong("after recovery");
  if (phase === "gone") {
    if (operation === "run" || operation === "create") return succeeded ? wrong("what was made") : [];
    return operation === "delete" ? [] : wrong("what was there before");
  }
  const expected: Partial<Record<OperationName, readonly string[]>> = {
    run: ["running"],
    create: ["created"],
    start: ["running"],
    stop: ["exited"],
    kill: ["exited"],
    exec: ["running"],
    cleanup: ["running"],
    restart: ["running"],
    pause: ["paused"],
    resume: ["running"],
    rename: ["running"],
    update: ["running"],
    commit: ["running"],
  };
  if (succeeded && expected[operation]?.includes(phase) === false) return wrong(`after ${operation} succeeded`);
  return succeeded && operation === "delete" ? wrong("after delete succeeded") : [];
}

async function clear(stage: Stage, { operation, subject }: Plan, name: string): Promise<void> {
  const { runtime, network } = stage.main;
  const absentIsFine = (error: unknown): void => {
    if (!isRuntimeError(error, "NOT_FOUND", "NETWORK_NOT_FOUND", "IMAGE_NOT_FOUND")) throw error;
  };
  if (ABOUT_NETWORKS.includes(operation)) await network.removeNetwork(name).catch(absentIsFine);
  else if (ABOUT_IMAGES.includes(operation)) await runtime.removeImage(subject(name).pulled).catch(absentIsFine);
  else {
    if (operation === "rename") await runtime.delete(renamed(name));
    if (operation === "commit") await runtime.removeImage(committed(name)).catch(absentIsFine);
    await runtime.delete(name);
  }
}
