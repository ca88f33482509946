import { rmdir } from "node:fs/promises";
import { errorCode } from "../process/error-code.js";

/** Removes a folder that nobody uses; false when it holds something, or is gone already. */
export async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (["EBUSY", "ENOTEMPTY", "EEXIST", "ENOENT"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
