import type { ScenarioName } from "./program/scenarios.js";

/** A text in a built file, and what it is replaced with. */
export interface Patch {
  /** The package's folder and the file in it, without its ending. */
  readonly file: string;
  /** Is in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Something that has been done wrongly before, here or elsewhere. */
export interface Defect {
  readonly name: string;
  /** What shows it. */
  readonly scenario: ScenarioName;
  /** How it shows: by this in one of the findings. */
  readonly red: RegExp;
  readonly patches: readonly Patch[];
  /** It can be seen while the container runs, and not any more when it is gone. */
  readonly showsAtRest?: boolean;
}

const REMOVE = "runtime-containerd/remove/remove-container";

function defect(name: string, scenario: ScenarioName, red: RegExp, ...patches: readonly Patch[]): Defect {
  return { name, scenario, red, patches };
}

/** By default a whole statement that does nothing, in place of one. */
function patch(file: string, find: string, replace = "void 0;"): Patch {
  return { file, find, replace };
}

/** Each has to turn its scenario red; the docs have the rules that they break. */
export const DEFECTS: readonly Defect[] = [
  defect(
    "the record is deleted first",
    "cut",
    /I-0|I-1/,
    patch(REMOVE, "context.exits.forget(id);", "await deleteRecord(context, id, options);"),
  ),
  defect(
    "a record is deleted while its task runs",
    "life",
    /I-1: tasks/,
    patch(REMOVE, "await deleteTask(context, id, options);"),
    patch(REMOVE, "await stopTask(context, id, { stopSignal: SIGKILL, timeoutMs: 0 }, options);"),
    // Nobody stops it before.
    patch("runtime-containerd/task/stop-task", "await deleteTask(context, id, options);"),
  ),
  defect("the name is kept", "life", /I-5/, patch(REMOVE, "await release(context, name, target.id, options);")),
  defect(
    "the files of a container are kept",
    "life",
    /I-0: stateFiles/,
    patch(REMOVE, "await context.host.files.remove(stateDirectory(context, id));"),
  ),
  defect(
    "the log folder is kept",
    "life",
    /I-15/,
    patch("runtime-containerd/io/log-files", "await context.host.files.remove(directory);"),
  ),
  defect(
    "the pipes of an exec are kept",
    "life",
    /pipes of an exec/,
    patch("runtime-containerd/exec/exec-io", "await this.#fifos.remove();"),
  ),
  defect(
    "the network namespace is kept",
    "life",
    /I-8/,
    patch("networking-cni/manager/detach", "await parts.namespaces.remove(containerId, signal);"),
  ),
  defect(
    "a DEL is called without its runtime configuration, and nobody looks what it left",
    "life",
    /cniRules/,
    patch("networking-cni/protocol/request", 'command === "STATUS" ||', 'command === "STATUS" || command === "DEL" ||'),
    patch(
      "networking-cni/manager/sweep",
      "return parts.firewall.sweep(owner, families(addresses, thorough), signal);",
      "return [];",
    ),
  ),
  defect(
    "an exit is not kept",
    "life",
    /exit code/,
    patch("runtime-containerd/task/record-exit", "await writeExit(context, id, complete, options);"),
  ),
  defect(
    "a stop is a kill",
    "life",
    /exit code 137/,
    patch(
      "runtime-containerd/task/stop-task",
      "plan.stopSignal !== SIGKILL && plan.timeoutMs > 0",
      "plan.timeoutMs < 0",
    ),
  ),
  {
    name: "log files can be written by everybody",
    scenario: "life",
    red: /I-19/,
    showsAtRest: true,
    patches: [
      patch(
        "runtime-containerd/host/file-store",
        "const file = await open(path, CREATE, 0o600);",
        "const file = await open(path, CREATE, 0o600); await file.chmod(0o666);",
      ),
    ],
  },
  defect(
    "what a failed run has made is left",
    "refusals",
    /containers/,
    patch(
      "runtime-containerd/run/undo",
      "await removeContainer(context, container, { signal: AbortSignal.timeout(DEADLINE_MS) });",
    ),
  ),
  defect(
    "two containers may have one name",
    "refusals",
    /in place of NAME_IN_USE/,
    patch("runtime-containerd/container/name-lock", "throw nameInUse(name, owner);", "return;"),
  ),
  defect(
    "a port is given away twice",
    "refusals",
    /in place of PORT_IN_USE/,
    patch("networking-cni/ports/reserve-ports", "assertFree(port, use);"),
  ),
  defect(
    "nothing has a deadline",
    "frozen",
    /takes more than/,
    patch("runtime-containerd/task/read-task-in-time", "giveUp.abort();"),
    patch("runtime-containerd/task/read-task-in-time", "const ANSWER_MS = 3_000;", "const ANSWER_MS = 300_000;"),
    patch("runtime-containerd/task/list-tasks", "giveUp.abort();"),
  ),
  defect(
    "a recovery takes the living for dead",
    "recovery",
    /taken for abandoned/,
    patch("runtime-containerd/recover/at-work", "processes.isAlive(instance)", "false"),
  ),
  defect(
    "a process is known by its pid alone",
    "recovery",
    /another process with its pid/,
    patch(
      "runtime-containerd/host/process-identity",
      "startTime(Number(pid)) === started",
      "startTime(Number(pid)) !== undefined",
    ),
  ),
  defect(
    "a pull keeps its lease",
    "pull",
    /I-5: lease/,
    patch("runtime-containerd/image/pull-lease", "() => deleteLease(context, id)", "() => Promise.resolve()"),
  ),
];
