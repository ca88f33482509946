import { RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";

const HINTS: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOSPC", "The disk is full: free some of it"],
  ["EDQUOT", "The disk quota is used up"],
  ["EROFS", "The file system can only be read: choose another cacheDir"],
  ["EACCES", "Run as root, or choose another cacheDir"],
  ["EPERM", "Run as root, or choose another cacheDir"],
]);

/** Runs what reads or writes records; what the file system refuses becomes a `RuntimeError` that says where. */
export async function onRecords<T>(dir: string, doing: "read" | "written", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || error instanceof RuntimeError) throw error;
    const denied = code === "EACCES" || code === "EPERM";
    const hint = HINTS.get(code);
    throw new RuntimeError(
      denied ? "PERMISSION_DENIED" : "NETWORK_SETUP_FAILED",
      `records of attachments cannot be ${doing} in ${dir} (${code})`,
      { cause: error, details: { path: dir }, ...(hint === undefined ? {} : { hint }) },
    );
  }
}
