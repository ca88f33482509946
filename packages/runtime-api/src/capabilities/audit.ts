import type { OperationOptions, Runtime } from "../runtime.js";

/** One thing that was looked at. */
export interface AuditFinding {
  /**
   * - `ok`: as it should be
   * - `warning`: containers can be run, but something is missing, or will run out
   * - `error`: containers cannot be run
   */
  readonly severity: "ok" | "warning" | "error";
  /** What was looked at, as `containerd` or `disk of logs`. */
  readonly subject: string;
  /** What was found, and what it means. */
  readonly meaning: string;
  /** What to do about it. Absent where there is nothing to do. */
  readonly action?: string;
}

export interface AuditReport {
  readonly findings: readonly AuditFinding[];
}

/** The capability to say how a runtime and its host are. */
export interface Audit {
  /** Changes nothing. What cannot be found out is a finding too, so it never rejects but for an abort. */
  audit(options?: OperationOptions): Promise<AuditReport>;
}

/** Whether the runtime has {@link Audit}. */
export function canAudit(runtime: Runtime): runtime is Runtime & Audit {
  return "audit" in runtime && typeof runtime.audit === "function";
}
