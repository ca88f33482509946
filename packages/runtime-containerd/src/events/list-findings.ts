import { isReservedLabel, type Labels } from "@voiyd/runtime-api";
import { startBounded } from "../concurrency/bounded.js";
import { type ContainerRecord, listRecords } from "../container/container-store.js";
import { LABEL } from "../container/label-names.js";
import { statusOf } from "../container/status.js";
import type { RuntimeContext } from "../context.js";
import { listTasks } from "../task/list-tasks.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import type { TaskState } from "../task/task-state.js";
import { withExit } from "../task/with-exit.js";
import type { Finding, Identity } from "./tracked-container.js";

type Options = { signal?: AbortSignal };

/** A container as it was found. Without a phase it is being made, being removed, or does not answer. */
export interface Found {
  readonly id: ContainerRecord["id"];
  readonly created: Date;
  readonly isWhole: boolean;
  readonly finding: Omit<Finding, "phase"> & { readonly phase: Finding["phase"] | undefined };
}

const PARALLEL_READS = 16;

/** Every container, as far as events tell of it. */
export async function listFindings(context: RuntimeContext, options: Options): Promise<Found[]> {
  const records: ContainerRecord[] = [];
  const listed = listRecords(context, [], options);
  for await (const record of listed) records.push(record);
  const tasks = await listTasks(context, options).among(records.length);
  const found: Found[] = [];
  await Promise.all(
    startBounded(records, PARALLEL_READS, async (record) => {
      // Without a task in the list there may be one all the same: it is asked for itself.
      const task = tasks?.get(record.id) ?? (await readTaskInTime(context, record.id, options));
      found.push(describe(await withExit(context, record, task, options), task));
    }),
  );
  return found;
}

function describe(record: ContainerRecord, task: TaskState | undefined): Found {
  const { phase, exitCode, exitedAt, oomKilled, startedAt } = statusOf(record, task);
  const pid = task !== undefined && "process" in task ? task.process.pid : record.network.pid;
  const exit = {
    exitCode: exitCode ?? "unknown",
    ...(exitedAt === undefined ? {} : { exitedAt }),
    ...(oomKilled === undefined ? {} : { oomKilled }),
  } as const;
  return {
    id: record.id,
    created: new Date(record.labels[LABEL.created] ?? Number.NaN),
    isWhole: record.phase !== "creating",
    finding: {
      ...identityOf(record.labels, record.image),
      phase: phase === "exited" ? "ended" : PHASES.find((known) => known === phase),
      pid: phase === "created" ? undefined : pid,
      startedAt,
      exit: phase === "exited" ? exit : undefined,
    },
  };
}

const PHASES = ["created", "running", "paused"] as const;

/** What a container is to a consumer, from the labels of its record. */
export function identityOf(labels: Readonly<Record<string, string>>, image: string): Identity {
  const own: Labels = Object.fromEntries(Object.entries(labels).filter(([key]) => !isReservedLabel(key)));
  return { name: labels[LABEL.name] ?? "", image, labels: own, revision: Number(labels[LABEL.revision] ?? 0) };
}
