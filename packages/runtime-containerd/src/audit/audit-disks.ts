import { dirname } from "node:path";
import type { AuditFinding } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";

/** Below this many free bytes a warning is due: a log on a full disk stops its container. */
const LOW_BYTES = 1024 ** 3;
const EMPTY_BYTES = 16 * 1024 ** 2;

/** The disks that the runtime writes to. */
export async function auditDisks(context: RuntimeContext): Promise<readonly AuditFinding[]> {
  const logs = context.logDirFmt.slice(0, context.logDirFmt.indexOf("%s")).replace(/\/[^/]*$/, "");
  return Promise.all([
    auditDisk(context, "disk of logs", logs),
    auditDisk(context, "disk of container files", context.stateDir),
  ]);
}

async function auditDisk(context: RuntimeContext, subject: string, folder: string): Promise<AuditFinding> {
  const free = await freeAt(context, folder);
  const meaning = `${(free / 1024 ** 3).toFixed(1)} GiB are free at ${folder}`;
  if (free > LOW_BYTES) return { severity: "ok", subject, meaning };
  const action = "free space: remove images and containers that nobody needs";
  return { severity: free > EMPTY_BYTES ? "warning" : "error", subject, meaning, action };
}

/** Of the nearest folder that is there. */
async function freeAt(context: RuntimeContext, folder: string): Promise<number> {
  try {
    return await context.host.files.freeBytes(folder === "" ? "/" : folder);
  } catch (error) {
    if (hasCode(error, "ENOENT") && folder.length > 1) return freeAt(context, dirname(folder));
    throw error;
  }
}
