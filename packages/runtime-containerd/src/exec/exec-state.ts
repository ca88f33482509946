import { isContainerdError, TaskStatus } from "@voiyd/containerd-client";
import type { ContainerExit, ID } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { acrossOutages } from "../task/across-outages.js";
import { exitFromWire } from "../task/exit.js";
import { Unanswered } from "../task/unanswered.js";

type Options = { signal?: AbortSignal };

export interface ExecKey {
  readonly containerId: string;
  readonly execId: ID;
}

/** The exit of a further process. A wait that is interrupted is taken up again; what nobody knows any more is `unknown`. */
export async function waitForExec(context: RuntimeContext, key: ExecKey, options: Options): Promise<ContainerExit> {
  const unanswered = new Unanswered();
  for (;;) {
    options.signal?.throwIfAborted();
    unanswered.begin();
    try {
      return exitFromWire(await context.client.tasks.wait({ ...key }, options));
    } catch (error) {
      if (!isContainerdError(error)) throw error;
      const tooOften = unanswered.isTooOften();
      const state = await acrossOutages(context, () => readExec(context, key, options), options);
      if (state.exit !== undefined) return state.exit;
      if (tooOften) throw error;
    }
  }
}

export interface ExecState {
  /** Zero where it was never started. */
  readonly pid: number;
  /** Once it does not run any more. */
  readonly exit?: ContainerExit;
}

/** What the shim says. A process that it does not know has gone without a trace. */
export async function readExec(context: RuntimeContext, key: ExecKey, options: Options): Promise<ExecState> {
  try {
    const { process } = await context.client.tasks.get({ ...key }, options);
    if (process === undefined) return GONE;
    const { pid, status } = process;
    return status === TaskStatus.STOPPED ? { pid, exit: exitFromWire(process) } : { pid };
  } catch (error) {
    // Several releases report a process that is not there with a text only.
    if (isContainerdError(error) && !error.connection) return GONE;
    throw error;
  }
}

const GONE: ExecState = { pid: 0, exit: { exitCode: "unknown" } };
