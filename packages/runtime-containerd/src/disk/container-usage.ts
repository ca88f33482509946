import type { ContainerUsage } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { logPaths } from "../io/log-paths.js";
import { stateDirectory } from "../run/name-files.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import { volumesOf } from "../volume/volume-users.js";
import { folderBytes } from "./folder-bytes.js";

type Options = { signal?: AbortSignal };

export async function containerUsage(
  context: RuntimeContext,
  record: ContainerRecord,
  stored: Pick<ContainerUsage, "layerBytes" | "keptBytes">,
  options: Options,
): Promise<ContainerUsage> {
  const { id, name, image } = record;
  const task = await readTaskInTime(context, id, options);
  return {
    name,
    id,
    image,
    created: createdAt(record),
    active: task === undefined || !["none", "shim-only", "created", "stopped"].includes(task.kind),
    ...stored,
    logBytes: await folderBytes(logPaths(context.logDirFmt, name).directory, options),
    fileBytes: await folderBytes(stateDirectory(context, id), options),
    volumes: volumesOf(record),
  };
}

function createdAt(record: ContainerRecord): Date {
  try {
    return record.stored().meta.created;
  } catch {
    // What was stored has been damaged; its bytes are there all the same.
    return new Date(0);
  }
}
