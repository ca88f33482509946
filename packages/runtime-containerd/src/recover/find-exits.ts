import { type ContainerRecord, listRecords, readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { exitFromWire } from "../task/exit.js";
import { recordExit } from "../task/record-exit.js";
import { readTask } from "../task/task-state.js";
import type { Finding, Options } from "./finder.js";
import { taskStates } from "./task-states.js";

/** Containers that have ended while nobody was there to write it down. Their tasks still know how. */
export async function findExits(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const open: ContainerRecord[] = [];
  for await (const record of listRecords(context, [], options)) {
    if (record.phase === "running" && record.exit === undefined) open.push(record);
  }
  const tasks = await taskStates(context, open, options);
  return open.filter(({ id }) => tasks.get(id)?.kind === "stopped").map((record) => finding(context, record));
}

function finding(context: RuntimeContext, { id, name }: ContainerRecord): Finding {
  return {
    kind: "exit",
    subject: `${name} (${id})`,
    meaning: "it has ended, and nobody has written down how",
    mend: async (options) => {
      const record = await readRecord(context, id, options);
      const task = await readTask(context, id, options);
      if (record === undefined || record.exit !== undefined || task.kind !== "stopped") return;
      await recordExit(context, id, exitFromWire(task.process), options);
    },
  };
}
