import type { RecoverFailure, RecoverOptions, RecoverReport, Remnant, RemnantKind } from "@voiyd/runtime-api";
import { startBounded } from "../concurrency/bounded.js";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import type { Finder, Finding } from "./finder.js";
import { findBundles } from "./find-bundles.js";
import { findCgroups } from "./find-cgroups.js";
import { findExits } from "./find-exits.js";
import { findFifos } from "./find-fifos.js";
import { findHalfMade } from "./find-half-made.js";
import { findHalfStarted } from "./find-half-started.js";
import { findLogs } from "./find-logs.js";
import { findNames } from "./find-names.js";
import { findNetworks } from "./find-networks.js";
import { findPulls } from "./find-pulls.js";
import { findRemains } from "./find-remains.js";
import { findShims } from "./find-shims.js";
import { findSnapshots } from "./find-snapshots.js";

/** How long one kind may be looked for, and how long putting one thing in order may take, in milliseconds. */
const LOOK_MS = 10_000;
const MEND_MS = 45_000;
/** Things put in order at the same time. */
const PARALLEL = 8;

interface Step {
  readonly kind: RemnantKind;
  readonly find: Finder;
}

/** What belongs to containers of ours; cheap to look for. */
const CONTAINERS: readonly Step[] = [
  { kind: "container", find: findHalfMade },
  { kind: "name", find: findNames },
  { kind: "network", find: findNetworks },
];

/** In this order: whoever has a record goes by it, and what is left after that belongs to nobody. Snapshots last. */
const EVERYTHING: readonly Step[] = [
  ...CONTAINERS,
  { kind: "container", find: findHalfStarted },
  { kind: "exit", find: findExits },
  { kind: "shim", find: findShims },
  { kind: "files", find: findRemains },
  { kind: "bundle", find: findBundles },
  { kind: "log", find: findLogs },
  { kind: "fifo", find: findFifos },
  { kind: "cgroup", find: findCgroups },
  { kind: "lease", find: findPulls },
  { kind: "snapshot", find: findSnapshots },
];

/** See `Recover.recover`. One kind that cannot be looked for, and one thing that cannot be mended, stop no other. */
export function recoverAll(context: RuntimeContext, options: RecoverOptions): Promise<RecoverReport> {
  return recover(context, EVERYTHING, options);
}

/** Half-made containers, names and networks alone. */
export function recoverContainers(context: RuntimeContext, options: RecoverOptions): Promise<RecoverReport> {
  return recover(context, CONTAINERS, options);
}

async function recover(
  context: RuntimeContext,
  steps: readonly Step[],
  { dryRun = false, signal }: RecoverOptions,
): Promise<RecoverReport> {
  const call = signal === undefined ? {} : { signal };
  signal?.throwIfAborted();
  // A daemon that is away is one error, not one for each kind.
  await context.client.version.version({}, call);
  const found: Remnant[] = [];
  const done: Remnant[] = [];
  const failed: RecoverFailure[] = [];
  for (const { kind, find } of steps) {
    signal?.throwIfAborted();
    const findings = await look(kind, find);
    found.push(...findings.map(remnantOf));
    if (dryRun) continue;
    await Promise.all(startBounded(findings, PARALLEL, mend));
  }
  return { dryRun, found, done, failed };

  async function look(kind: RemnantKind, find: Finder): Promise<readonly Finding[]> {
    try {
      return await find(context, { signal: deadline(LOOK_MS) });
    } catch (error) {
      signal?.throwIfAborted();
      failed.push({ kind, subject: "*", reason: reasonOf(error, `the search for things of kind ${kind}`) });
      return [];
    }
  }

  async function mend(finding: Finding): Promise<void> {
    const remnant = remnantOf(finding);
    try {
      await finding.mend({ signal: deadline(MEND_MS) });
      done.push(remnant);
    } catch (error) {
      signal?.throwIfAborted();
      const { kind, subject } = remnant;
      failed.push({ kind, subject, reason: reasonOf(error, `${kind} ${subject}`) });
    }
  }

  function deadline(ms: number): AbortSignal {
    const limit = AbortSignal.timeout(ms);
    return signal === undefined ? limit : AbortSignal.any([signal, limit]);
  }
}

function remnantOf({ kind, subject, meaning }: Finding): Remnant {
  return { kind, subject, meaning };
}

function reasonOf(error: unknown, subject: string): string {
  const mapped = mapError(error, subject);
  return mapped instanceof Error ? mapped.message : String(mapped);
}
