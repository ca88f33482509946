import { RuntimeError } from "@voiyd/runtime-api";
import { isOneOf, refusedOption } from "../command-line/refused-option.js";
import { UsageError } from "../command-line/usage-error.js";
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../session/detach-keys.js";
import { stay } from "./stay.js";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { removesItself, startedOrRemoved, startReaper, withRemoval } from "./removal.js";
import { startSupervisor } from "./start-supervisor.js";

const NO_CHECKPOINTS = refusedOption("value", "a container is started from its files alone", isOneOf(""));

/** `voiyd start`. */
export const start: Command = {
  usage: "start [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Start containers that were created, or that have ended",
  options: {
    attach: { kind: "flag", short: "a", help: "stay with it: its output, our signals, its exit code" },
    "detach-keys": { kind: "value", value: "KEYS", help: "what leaves it and its terminal; default ctrl-p,ctrl-q" },
    checkpoint: NO_CHECKPOINTS,
    "checkpoint-dir": NO_CHECKPOINTS,
    interactive: { kind: "flag", short: "i", help: "stay with it, and pass our standard input on" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const interactive = args.flag("interactive");
    const detachKeys = parseDetachKeys(args.value("detach-keys") ?? DEFAULT_DETACH_KEYS);
    if (!args.flag("attach") && !interactive) {
      const runtime = await context.runtime();
      return eachArgument(context, async (operand) => {
        const started = await startedOrRemoved(context, runtime, operand, () => runtime.start(operand, { signal }));
        await startSupervisor(context, started);
        if (removesItself(started)) await startReaper(context, started.status.id);
        return operand;
      });
    }
    const [operand = "", ...more] = args.operands;
    if (more.length > 0) throw new UsageError("start stays with one container at a time");
    const runtime = await context.runtime();
    const before = await runtime.get(operand, { signal });
    if (before.status.phase === "running") {
      throw new RuntimeError("FAILED_PRECONDITION", `container ${before.meta.name} runs already`, {
        hint: "attach to it",
      });
    }
    const started = await startedOrRemoved(context, runtime, operand, () => runtime.start(operand, { signal }));
    await startSupervisor(context, started);
    const { config, status } = started;
    const { id } = status;
    const removes = removesItself(started);
    const work = async (onDetach?: () => Promise<void>): Promise<number> => {
      const session = await runtime.attach(id, {
        stdin: interactive && config.stdin === true,
        stdinOnce: true,
        replay: "life",
      });
      const plan = { id, session, detachKeys, redraw: false, proxies: true, final: removes };
      return stay(context, runtime, { ...plan, ...(onDetach === undefined ? {} : { onDetach }) });
    };
    return removes ? withRemoval(context, runtime, id, work) : work();
  },
};
