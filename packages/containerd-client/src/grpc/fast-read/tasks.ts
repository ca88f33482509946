import type { ListTasksResponse } from "../../gen/containerd/services/tasks/v1/tasks_pb.js";
import { type Process, Status } from "../../gen/containerd/v1/types/task_pb.js";
import { Cursor, Unusual } from "./cursor.js";
import { once, readTimestamp } from "./parts.js";

const STATUSES: readonly (typeof Status)[keyof typeof Status][] = Object.values(Status);
const MAX_UINT32 = 2 ** 32 - 1;

/** All tasks. Field numbers: containerd's `services/tasks/v1/tasks.proto` and `types/task`. Throws {@link Unusual}. */
export function readListTasksResponse(bytes: Uint8Array): ListTasksResponse {
  const cursor = new Cursor(bytes);
  const found: ListTasksResponse = { $typeName: "containerd.services.tasks.v1.ListTasksResponse", tasks: [] };
  for (let field = cursor.field(); field !== 0; field = cursor.field()) {
    if (field !== 1) throw new Unusual();
    found.tasks.push(readProcess(cursor));
  }
  return found;
}

function readProcess(cursor: Cursor): Process {
  const found: Process = {
    $typeName: "containerd.v1.types.Process",
    containerId: "",
    id: "",
    pid: 0,
    status: Status.UNKNOWN,
    stdin: "",
    stdout: "",
    stderr: "",
    terminal: false,
    exitStatus: 0,
  };
  cursor.message((field) => {
    switch (field) {
      case 1:
        found.containerId = cursor.text();
        break;
      case 2:
        found.id = cursor.text();
        break;
      case 3:
        found.pid = unsigned(cursor);
        break;
      case 4:
        found.status = readStatus(cursor);
        break;
      case 5:
        found.stdin = cursor.text();
        break;
      case 6:
        found.stdout = cursor.text();
        break;
      case 7:
        found.stderr = cursor.text();
        break;
      case 8:
        found.terminal = cursor.integer() !== 0;
        break;
      case 9:
        found.exitStatus = unsigned(cursor);
        break;
      case 10:
        found.exitedAt = once(found.exitedAt, () => readTimestamp(cursor));
        break;
      default:
        throw new Unusual();
    }
  });
  return found;
}

function unsigned(cursor: Cursor): number {
  const value = cursor.integer();
  if (value > MAX_UINT32) throw new Unusual();
  return value;
}

function readStatus(cursor: Cursor): (typeof STATUSES)[number] {
  const number = cursor.integer();
  const status = STATUSES.find((value) => value === number);
  if (status === undefined) throw new Unusual();
  return status;
}
