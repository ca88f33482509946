import type { AuditFinding, AuditReport, OperationOptions } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { recoverAll } from "../recover/recover-all.js";
import { auditDisks } from "./audit-disks.js";
import { auditKernel } from "./audit-kernel.js";

type Options = { signal?: AbortSignal };
type Look = (context: RuntimeContext, options: Options) => Promise<readonly AuditFinding[]>;

/** How long one thing may be looked at, in milliseconds: a search for remnants has a deadline for each kind besides. */
const LOOK_MS = 60_000;

const LOOKS: readonly (readonly [subject: string, look: Look])[] = [
  ["containerd", auditDaemon],
  ["kernel", auditKernel],
  ["disks", auditDisks],
  ["remnants", auditRemnants],
];

/** See `Audit.audit`. */
export async function audit(context: RuntimeContext, { signal }: OperationOptions): Promise<AuditReport> {
  const findings: AuditFinding[] = [];
  for (const [subject, look] of LOOKS) {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(LOOK_MS);
    try {
      findings.push(
        ...(await look(context, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })),
      );
    } catch (error) {
      signal?.throwIfAborted();
      const mapped = mapError(error, subject);
      findings.push({
        severity: "error",
        subject,
        meaning: `cannot be looked at: ${mapped instanceof Error ? mapped.message : String(mapped)}`,
        action: "mend that first, and ask again",
      });
    }
  }
  return { findings };
}

async function auditDaemon(
  { client, snapshotter }: RuntimeContext,
  options: Options,
): Promise<readonly AuditFinding[]> {
  const { version } = await client.version.version({}, options);
  const { plugins } = await client.introspection.plugins({}, options);
  const driver = plugins.find(({ type, id }) => type === "io.containerd.snapshotter.v1" && id === snapshotter);
  const isThere = driver !== undefined && driver.initErr === undefined;
  return [
    { severity: "ok", subject: "containerd", meaning: `${version} answers at ${client.address}` },
    isThere
      ? { severity: "ok", subject: "snapshotter", meaning: `${snapshotter} is there` }
      : {
          severity: "error",
          subject: "snapshotter",
          meaning: `containerd has no ${snapshotter}: ${driver?.initErr?.message ?? "it is not built in or turned off"}`,
          action: "look at containerd's log, or choose another snapshotter",
        },
  ];
}

async function auditRemnants(context: RuntimeContext, options: Options): Promise<readonly AuditFinding[]> {
  const { found, failed } = await recoverAll(context, { ...options, dryRun: true });
  if (found.length === 0 && failed.length === 0)
    return [{ severity: "ok", subject: "remnants", meaning: "dead processes have left nothing" }];
  return [
    ...found.map(({ kind, subject, meaning }): AuditFinding => ({
      severity: "warning",
      subject: `${kind} ${subject}`,
      meaning,
      action: "recover, as `voiyd system recover` does",
    })),
    ...failed.map(({ kind, subject, reason }): AuditFinding => ({
      severity: "warning",
      subject: `${kind} ${subject}`,
      meaning: `cannot be looked at: ${reason}`,
      action: "mend the reason, and ask again",
    })),
  ];
}
