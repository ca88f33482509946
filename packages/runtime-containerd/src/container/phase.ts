/**
 * The phases that are written to the record. What a task's state says is read, never written: `running` stands for a
 * container that has been started once, `created` for one that is whole and has not.
 */
export type RecordPhase = "creating" | "created" | "running" | "deleting";

export function parseRecordPhase(text: string | undefined): RecordPhase | undefined {
  return PHASES.find((phase) => phase === text);
}

const PHASES: readonly RecordPhase[] = ["creating", "created", "running", "deleting"];
