import { type ContainerProcess, RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { readTask } from "../task/task-state.js";

type Options = { signal?: AbortSignal };

/** What the kernel counts times in for programs, the same on every Linux (`sysconf(_SC_CLK_TCK)`). */
const TICK_MS = 10;

/** The processes of a container, from its control group and `/proc`: no program of the image is needed. */
export async function listProcesses(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<ContainerProcess[]> {
  const { kind } = await readTask(context, record.id, options);
  if (kind !== "running" && kind !== "paused") {
    throw new RuntimeError("FAILED_PRECONDITION", `container ${record.name} is not running`, {
      hint: "start it first",
      details: { container: record.id },
    });
  }
  const { processes } = await context.client.tasks.listPids({ containerId: record.id }, options);
  const booted = await bootTime(context);
  const found = await Promise.all(processes.map(({ pid }) => readProcess(context, pid, booted)));
  return found.filter((item) => item !== undefined).sort((a, b) => a.pid - b.pid);
}

async function bootTime(context: RuntimeContext): Promise<number> {
  const line = (await context.host.files.read("/proc/stat")).split("\n").find((text) => text.startsWith("btime "));
  return Number(line?.split(" ")[1] ?? "0") * 1000;
}

/** One that has ended meanwhile is left out. */
async function readProcess(
  context: RuntimeContext,
  pid: number,
  booted: number,
): Promise<ContainerProcess | undefined> {
  try {
    const folder = `/proc/${String(pid)}`;
    const { files } = context.host;
    const [stat, status, cmdline] = await Promise.all(
      ["stat", "status", "cmdline"].map((name) => files.read(`${folder}/${name}`)),
    );
    return parseProcess({ pid, stat: stat ?? "", status: status ?? "", cmdline: cmdline ?? "" }, booted);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

export interface ProcessFiles {
  readonly pid: number;
  readonly stat: string;
  readonly status: string;
  readonly cmdline: string;
}

/** From `proc_pid_stat(5)` and its neighbours. `booted` is the host's start, in milliseconds since the epoch. */
export function parseProcess({ pid, stat, status, cmdline }: ProcessFiles, booted: number): ContainerProcess {
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  // From the third field on; the second, the name, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3] ?? "0");
  return {
    pid,
    parentPid: field(4),
    uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1] ?? "0"),
    started: new Date(booted + field(22) * TICK_MS),
    cpuMs: (field(14) + field(15)) * TICK_MS,
    terminal: field(7),
    command: name,
    args: cmdline === "" ? [] : cmdline.replace(/\0$/, "").split("\0"),
  };
}
