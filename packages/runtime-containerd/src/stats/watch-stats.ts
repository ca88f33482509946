import { type ContainerStats, invalid, type StatsOptions } from "@voiyd/runtime-api";
import { startBounded } from "../concurrency/bounded.js";
import { pause } from "../concurrency/pause.js";
import { type ContainerRecord, listRecords } from "../container/container-store.js";
import { getRecord } from "../container/lookup.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { hasCode } from "../host/file-store.js";
import { readTask } from "../task/task-state.js";
import { computeStats, type Sample } from "./compute-stats.js";
import { parseNetworkCounters } from "./network-counters.js";
import { usageFromMetric } from "./usage.js";

type Options = { signal?: AbortSignal };

const DEFAULT_INTERVAL_MS = 1000;
const SHORTEST_INTERVAL_MS = 10;
const PARALLEL_READS = 16;

/** `Stats.stats`. */
export async function* watchStats(
  context: RuntimeContext,
  options: StatsOptions,
): AsyncGenerator<readonly ContainerStats[], never, undefined> {
  const { containers, intervalMs = DEFAULT_INTERVAL_MS, signal } = options;
  if (!(intervalMs >= SHORTEST_INTERVAL_MS && intervalMs < 2 ** 31)) {
    throw invalid("intervalMs", intervalMs, "a number of milliseconds from 10");
  }
  const call = signal === undefined ? {} : { signal };
  signal?.throwIfAborted();
  const chosen =
    containers &&
    (await mapped("containers", () =>
      Promise.all(containers.map(async (ref) => (await getRecord(context, ref, call)).id)),
    ));
  const wanted = chosen && new Set<string>(chosen);
  let before = await take(context, wanted, call);
  for (let due = performance.now() + intervalMs; ; due = Math.max(due + intervalMs, performance.now())) {
    await pause(Math.max(due - performance.now(), 0), call);
    const now = await take(context, wanted, call);
    yield [...now].flatMap(([id, sample]) => {
      const last = before.get(id);
      return (last && computeStats(last, sample, context.host.facts.memory)) ?? [];
    });
    before = now;
  }
}

type Samples = ReadonlyMap<string, Sample>;

function take(context: RuntimeContext, wanted: ReadonlySet<string> | undefined, options: Options): Promise<Samples> {
  return mapped("stats", async () => {
    const records: ContainerRecord[] = [];
    for await (const record of listRecords(context, [], options)) {
      if (wanted?.has(record.id) !== false) records.push(record);
    }
    const filters = wanted === undefined ? [] : records.map(({ id }) => `id==${id}`);
    const samples = new Map<string, Sample>();
    if (records.length === 0) return samples;
    const { metrics } = await context.client.tasks.metrics({ filters }, options);
    const takenAt = performance.now();
    const known = new Map(records.map((record) => [String(record.id), record]));
    await Promise.all(
      startBounded(metrics, PARALLEL_READS, async (metric) => {
        const record = known.get(metric.id);
        const usage = usageFromMetric(metric, new Date());
        if (record === undefined || usage === undefined) return;
        const task = await readTask(context, record.id, options);
        if (task.kind !== "running" && task.kind !== "paused") return;
        const { pid } = task.process;
        const network = await readNetwork(context, record, pid);
        samples.set(record.id, { id: record.id, name: record.name, pid, usage, takenAt, network });
      }),
    );
    return samples;
  });
}

/** The counters of the host are not the container's. */
async function readNetwork(context: RuntimeContext, record: ContainerRecord, pid: number): Promise<Sample["network"]> {
  if (record.stored().config.network === "host") return undefined;
  try {
    return parseNetworkCounters(await context.host.files.read(`/proc/${String(pid)}/net/dev`));
  } catch (error) {
    // It has ended since.
    if (hasCode(error, "ENOENT", "ESRCH", "EINVAL")) return undefined;
    throw error;
  }
}
