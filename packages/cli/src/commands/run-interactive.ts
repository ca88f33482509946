import type { Container, ContainerRequest } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../session/detach-keys.js";
import { withRemoval } from "./removal.js";
import { stay } from "./stay.js";
import type { CommandRuntime, Context } from "./command.js";
import { noTerminal } from "../session/no-terminal.js";

/** What `run` stays with beside both outputs. */
export interface AttachPlan {
  readonly detachKeys: Uint8Array;
  readonly stdin: boolean;
  /** Absent: all. */
  readonly streams: readonly string[];
}

/**
 * What of `-i`, `-t` and `-a` there is to be done while the container runs; undefined where nothing is asked for beyond its
 * output. Throws {@link UsageError}.
 */
export function readAttachPlan({ args, surroundings }: Context, { config }: ContainerRequest): AttachPlan | undefined {
  const detachKeys = parseDetachKeys(args.value("detach-keys") ?? DEFAULT_DETACH_KEYS);
  const { stdin = false, tty = false } = config;
  const streams = args.list("attach").map((text) => text.toLowerCase());
  if (args.flag("detach")) {
    if (streams.length > 0) throw new UsageError("--attach and --detach contradict each other");
    return undefined;
  }
  if (stdin && tty && !surroundings.stdin.isTTY) throw noTerminal();
  const isPlain = !stdin && !tty && streams.length === 0 && args.value("sig-proxy") !== "false";
  return isPlain ? undefined : { detachKeys, stdin, streams };
}

/** Stays with a container that was just started, and is typed into; with `--rm` it is removed at its end. */
export async function runInteractive(
  context: Context,
  runtime: CommandRuntime,
  { status: { id } }: Container,
  { detachKeys, stdin, streams }: AttachPlan,
): Promise<number> {
  const { args } = context;
  const removes = args.flag("rm");
  const work = async (onDetach?: () => Promise<void>): Promise<number> => {
    const session = await runtime.attach(id, { stdin, stdinOnce: stdin, replay: "life" });
    for (const name of ["stdout", "stderr"] as const) {
      if (streams.length > 0 && !streams.includes(name)) await session[name].cancel();
    }
    const shown = {
      ...(session.stdin === undefined ? {} : { stdin: session.stdin }),
      stdout: streams.length > 0 && !streams.includes("stdout") ? nothing() : session.stdout,
      stderr: streams.length > 0 && !streams.includes("stderr") ? nothing() : session.stderr,
      tty: session.tty,
      resize: (size: { columns: number; rows: number }) => session.resize(size),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
    const proxies = args.value("sig-proxy") !== "false";
    return stay(context, runtime, {
      id,
      session: shown,
      detachKeys,
      redraw: false,
      proxies,
      final: removes,
      ...(onDetach === undefined ? {} : { onDetach }),
    });
  };
  return removes ? withRemoval(context, runtime, id, work) : work();
}

function nothing(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.close();
    },
  });
}
