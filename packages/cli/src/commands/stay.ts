import { type AttachSession, RuntimeError } from "@voiyd/runtime-api";
import { converse } from "../session/converse.js";
import { signalForwarder } from "./attached.js";
import type { CommandRuntime, Context } from "./command.js";

export interface Stay {
  readonly id: string;
  readonly session: AttachSession;
  readonly detachKeys: Uint8Array;
  /** Have a program that draws on a terminal do so again. */
  readonly redraw: boolean;
  /** Pass signals on to a container without a terminal. */
  readonly proxies: boolean;
  /** Whether the end is that of a container which nobody restarts: it is removed then. Its output is that of one life. */
  readonly final: boolean;
  /** Called when the container is left running. */
  readonly onDetach?: () => Promise<void>;
}

/** Stays at a container until it ends, or is left with the detach keys. Resolves with the exit code. */
export async function stay(context: Context, runtime: CommandRuntime, plan: Stay): Promise<number> {
  const { id, session, detachKeys, redraw, final } = plan;
  const { surroundings } = context;
  const { tty } = session;
  const givingUp = new AbortController();
  // A terminal makes signals of keys by itself, so what comes as a signal is meant for us.
  const proxies = !tty && plan.proxies;
  if (proxies) context.interruption.takeOver(signalForwarder(context, runtime, id, givingUp));
  const signal = proxies ? givingUp.signal : context.signal;
  // Asked for beside: a container that is deleted at once has an exit only for those who wait already.
  const exit = runtime.wait(id, { final, signal });
  exit.catch(() => undefined);
  try {
    const outcome = await converse(session, { surroundings, tty, detachKeys, redraw, signal });
    if (outcome === "detached") {
      await plan.onDetach?.();
      await surroundings.stderr.write("read escape sequence\n");
      return 0;
    }
    const { exitCode } = await exit;
    if (exitCode !== "unknown") return exitCode;
  } finally {
    await session[Symbol.asyncDispose]();
  }
  throw new RuntimeError("DATA_LOSS", `container ${id} has ended, and nobody can say with which exit code`);
}
