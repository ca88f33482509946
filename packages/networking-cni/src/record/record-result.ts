import { EMPTY_RESULT, readResult, type CniResult } from "../protocol/result.js";
import type { AttachmentRecord } from "./attachment-record.js";

/**
 * The result in a record, `version` where it names none itself. One that nobody can read is as good as none: it may be
 * another program's, and does not keep anybody from listing or removing the rest.
 */
export function recordResult(record: Pick<AttachmentRecord, "result">, version: string): CniResult {
  if (record.result === undefined) return EMPTY_RESULT;
  try {
    return readResult(record.result, version);
  } catch (error) {
    if (error instanceof SyntaxError) return EMPTY_RESULT;
    throw error;
  }
}
