import { type Execute, execute } from "../process/execute.js";

/** Mounts an empty tmpfs of this size on an empty folder. */
export async function mountTmpfs(folder: string, sizeMiB: number, run: Execute = execute): Promise<void> {
  await run("mount", ["-t", "tmpfs", "-o", `size=${Math.ceil(sizeMiB)}m,mode=0700`, "voiyd-harness", folder]);
}
