import { hasCode } from "./file-store.js";

/** What is read of a process below `/proc`: of one that has ended, and of what it has closed meanwhile, there is nothing. */
export function ifAlive<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return otherwise;
    throw error;
  }
}
