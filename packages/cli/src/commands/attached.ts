import { isRuntimeError, RuntimeError, type Container } from "@voiyd/runtime-api";
import { copyOutput } from "../output/copy.js";
import { renderFailure } from "../output/failure.js";
import { Interrupted } from "../process/interruption.js";
import type { SignalName } from "../process/surroundings.js";
import type { CommandRuntime, Context } from "./command.js";
import { withRemoval } from "./removal.js";

/** From this signal on, asking is over and the container is killed. */
const KILL_FROM = 3;

/** Stays with a container that has been started: its output, its signals, its exit code; with `--rm` its removal. */
export async function runAttached(context: Context, runtime: CommandRuntime, container: Container): Promise<number> {
  const { id } = container.status;
  const givingUp = new AbortController();
  context.interruption.takeOver(signalForwarder(context, runtime, id, givingUp));
  const removes = context.args.flag("rm");
  const work = (): Promise<number> => follow(context, runtime, id, removes, givingUp);
  return removes ? withRemoval(context, runtime, id, work) : work();
}

async function follow(
  { surroundings: { stdout, stderr } }: Context,
  runtime: CommandRuntime,
  id: string,
  final: boolean,
  givingUp: AbortController,
): Promise<number> {
  const { signal } = givingUp;
  const copied = async (): Promise<void> => {
    const io = await runtime.io(id, { follow: true, signal });
    await copyOutput(io, { stdout, stderr, signal });
  };
  try {
    const [{ exitCode }] = await Promise.all([runtime.wait(id, { final, signal }), copied()]);
    if (exitCode !== "unknown") return exitCode;
  } catch (error) {
    givingUp.abort(error);
    throw error;
  }
  throw new RuntimeError("DATA_LOSS", `container ${id} has ended, and nobody can say with which exit code`);
}

/**
 * The first signals go to the container's process, which may end as it likes. Whoever goes on sending SIGINT or SIGTERM
 * means it: the container is killed, and after that nothing is waited for any more.
 */
export function signalForwarder(
  context: Context,
  runtime: CommandRuntime,
  id: string,
  givingUp: AbortController,
): (signal: SignalName) => void {
  let asked = 0;
  return (name) => {
    if (name === "SIGINT" || name === "SIGTERM") asked += 1;
    if (asked > KILL_FROM) {
      givingUp.abort(new Interrupted(name));
      return;
    }
    void send(context, runtime, id, asked === KILL_FROM ? "SIGKILL" : name);
  };
}

async function send(
  { settings, surroundings: { stderr } }: Context,
  runtime: CommandRuntime,
  id: string,
  killSignal: string,
): Promise<void> {
  try {
    await runtime.kill(id, { killSignal });
  } catch (error) {
    // It ended before the signal came: that is what the signal was for.
    if (isRuntimeError(error, "NOT_FOUND", "FAILED_PRECONDITION")) return;
    await stderr.write(renderFailure(error, settings.debug));
  }
}
