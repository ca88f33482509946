import { join } from "node:path";
import type { ContainerConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { stateDirectory } from "../run/name-files.js";

type Options = { signal?: AbortSignal };

const DEFAULT_BYTES = 64 * 1024 * 1024;

/** The folder of a shareable container's `/dev/shm`. It follows from the id. */
export function sharedMemoryPath(context: RuntimeContext, id: string): string {
  return join(stateDirectory(context, id), "shm");
}

/** A file system in memory that several containers can have as their `/dev/shm`. */
export async function createSharedMemory(
  context: RuntimeContext,
  id: string,
  config: ContainerConfig,
  options: Options,
): Promise<string> {
  const path = sharedMemoryPath(context, id);
  await context.host.files.makePrivateDirectory(path);
  const mountOptions = `nosuid,nodev,noexec,mode=1777,size=${String(config.shmSize ?? DEFAULT_BYTES)}`;
  await context.host.command("mount", ["-t", "tmpfs", "-o", mountOptions, "shm", path], options);
  return path;
}

/** Takes it away again; nothing there is success. Containers that have it keep it until they end. */
export async function removeSharedMemory(context: RuntimeContext, id: string, options: Options): Promise<void> {
  const path = sharedMemoryPath(context, id);
  if (!(await context.host.files.exists(path))) return;
  const mounted = (await context.host.files.read("/proc/self/mountinfo"))
    .split("\n")
    .some((line) => line.split(" ")[4] === path);
  if (mounted) await context.host.command("umount", ["--lazy", "--", path], options);
}
