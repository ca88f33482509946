import { invalid } from "./invalid.js";

/** Throws `INVALID_ARGUMENT` for what is not an absolute path that stays below the root. */
export function assertAbsolutePath(option: string, path: unknown): asserts path is string {
  if (typeof path !== "string" || !path.startsWith("/") || path.includes("\0")) {
    throw invalid(option, path, "an absolute path without NUL");
  }
  if (path.split("/").includes("..")) throw invalid(option, path, 'a path without ".."');
}
