import type { NetworkRecoverOptions } from "@voiyd/runtime-api";
import { errorMessage } from "../plugin/error-code.js";
import { mendLean } from "./mend-lean.js";
import { guardedNamespace } from "./namespace-guard.js";
import type { ManagerParts } from "./parts.js";

/** What `recover` found and did; containers by their ids. */
export interface RecoverReport {
  /** Undone: begun and not finished, left by an earlier boot, or a namespace that nothing is recorded about. */
  readonly undone: readonly string[];
  /** Attached as recorded. */
  readonly adopted: readonly string[];
  /** Attached by the record, but the namespace is gone. */
  readonly lost: readonly string[];
  /** Could not be undone, and why. */
  readonly failed: readonly { readonly containerId: string; readonly message: string }[];
}

type Verdict = "undo" | "adopt" | "lost" | "leave";

/** Brings what is recorded and what is there together again. Only what has our state in its record is touched. */
export async function recover(
  parts: ManagerParts,
  undo: (containerId: string, isStillLost: () => Promise<boolean>) => Promise<boolean>,
  { dryRun = false, signal }: NetworkRecoverOptions = {},
): Promise<RecoverReport> {
  const undone: string[] = [];
  const failed: { containerId: string; message: string }[] = [];
  const verdicts = await judge(parts);
  const having = (wanted: Verdict): readonly string[] =>
    [...verdicts].filter(([, verdict]) => verdict === wanted).map(([id]) => id);
  await Promise.all(
    having("undo").map(async (containerId) => {
      if (dryRun) {
        undone.push(containerId);
        return;
      }
      try {
        // Under the container's lock it is judged once more: somebody may be using it again.
        const done = await undo(containerId, async () => (await judge(parts)).get(containerId) === "undo");
        if (done) undone.push(containerId);
      } catch (error) {
        failed.push({ containerId, message: errorMessage(error) });
      }
    }),
  );
  if (dryRun) return { undone: undone.toSorted(), adopted: having("adopt"), lost: having("lost"), failed };
  if (undone.length > 0 || having("adopt").length > 0) await parts.hosts.updateAll(signal);
  const strays = await mendLean(parts, signal ?? new AbortController().signal);
  if (strays.length > 0) parts.logger.info("swept ports", { removed: strays });
  return { undone: undone.toSorted(), adopted: having("adopt"), lost: having("lost"), failed };
}

async function judge(parts: ManagerParts): Promise<ReadonlyMap<string, Verdict>> {
  const bootId = await parts.host.bootId();
  const verdicts = new Map<string, Verdict>();
  const worse: readonly Verdict[] = ["leave", "adopt", "lost", "undo"];
  for (const record of (await parts.records.list()).records) {
    const { containerId, state } = record;
    const verdict = async (): Promise<Verdict> => {
      if (state === undefined) return "leave";
      if (state.bootId !== bootId) return "undo";
      // Unfinished and its process alive: it is being worked on this very moment.
      if (state.phase === "adding" || state.phase === "deleting")
        return (await parts.host.isAlive(state.owner)) ? "leave" : "undo";
      if (state.phase === "broken") return "undo";
      return (await guardedNamespace(parts, record)) === "" ? "lost" : "adopt";
    };
    const next = await verdict();
    if (worse.indexOf(next) >= worse.indexOf(verdicts.get(containerId) ?? "leave")) verdicts.set(containerId, next);
  }
  for (const containerId of await parts.namespaces.list()) {
    if (!verdicts.has(containerId) && (await isOrphan(parts, containerId))) verdicts.set(containerId, "undo");
  }
  return verdicts;
}

/** A namespace without a record belongs to whoever is about to attach it, or to a container without networks. */
export async function isOrphan(
  { host, namespaces }: Pick<ManagerParts, "host" | "namespaces">,
  containerId: string,
): Promise<boolean> {
  const { identity } = await namespaces.inspect(namespaces.path(containerId));
  if (await host.isAlive(await namespaces.maker(containerId))) return false;
  return identity === "" || !(await host.isInhabited(identity));
}
