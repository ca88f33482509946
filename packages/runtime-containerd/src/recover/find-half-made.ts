import { type ContainerRecord, listRecords, readRecord } from "../container/container-store.js";
import { filter, hasLabel, labelIs } from "../container/filter.js";
import { LABEL } from "../container/label-names.js";
import type { RuntimeContext } from "../context.js";
import { removeContainer } from "../remove/remove-container.js";
import { isAtWork } from "./at-work.js";
import type { Finding, Options } from "./finder.js";

/** Containers that somebody was making or removing when he died. A half-made one is removed: nobody has its request. */
export async function findHalfMade(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const ours = hasLabel(LABEL.name);
  const filters = ["creating", "deleting"].map((phase) => filter(ours, labelIs(LABEL.phase, phase)));
  for await (const record of listRecords(context, filters, options)) {
    if (isAbandoned(context, record)) findings.push(finding(context, record));
  }
  return findings;
}

function finding(context: RuntimeContext, { id, name, phase }: ContainerRecord): Finding {
  return {
    kind: "container",
    subject: `${name} (${id})`,
    meaning: phase === "creating" ? "its maker died before it was whole" : "its removal was interrupted",
    mend: async (options) => {
      const record = await readRecord(context, id, options);
      if (record !== undefined && isAbandoned(context, record)) await removeContainer(context, { id, name }, options);
    },
  };
}

function isAbandoned(context: RuntimeContext, record: ContainerRecord): boolean {
  return (record.phase === "creating" || record.phase === "deleting") && !isAtWork(context, record);
}
