/** The phases that are written to the record. What a task's state says is read, never written. */
export type RecordPhase = "creating" | "running" | "deleting";

export function parseRecordPhase(text: string | undefined): RecordPhase | undefined {
  return text === "creating" || text === "running" || text === "deleting" ? text : undefined;
}
