import { packageFile } from "../native/own-package.js";

/** The program of the log process. */
export function logProgramPath(): string {
  return packageFile("log-process");
}
