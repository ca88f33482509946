import { DEFAULT_DETACH_KEYS, parseDetachKeys } from "../session/detach-keys.js";
import { stay } from "./stay.js";
import type { Command } from "./command.js";

/** `voiyd attach`. */
export const attach: Command = {
  usage: "attach [OPTIONS] CONTAINER",
  summary: "Take part in what a running container reads and writes",
  options: {
    "detach-keys": { kind: "value", value: "KEYS", help: "what leaves it and its terminal; default ctrl-p,ctrl-q" },
    "no-stdin": { kind: "flag", help: "do not pass our standard input on" },
    "sig-proxy": { kind: "flag", help: "pass signals on, unless false; default true" },
  },
  operands: [1, 1],
  async execute(context) {
    const { args, signal } = context;
    const [operand = ""] = args.operands;
    const detachKeys = parseDetachKeys(args.value("detach-keys") ?? DEFAULT_DETACH_KEYS);
    const runtime = await context.runtime();
    const { config, status } = await runtime.get(operand, { signal });
    const { tty = false, stdin = false } = config;
    const session = await runtime.attach(status.id, {
      stdin: stdin && !args.flag("no-stdin"),
      replay: tty ? "screen" : "none",
      signal,
    });
    const proxies = args.value("sig-proxy") !== "false";
    return stay(context, runtime, { id: status.id, session, detachKeys, redraw: true, proxies, final: false });
  },
};
