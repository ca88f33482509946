import { UsageError } from "../../command-line/usage-error.js";
import { type RunFlags, toggle } from "./run-flag.js";

/** The container's standard streams, and ours. */
export const TERMINAL_FLAGS: RunFlags = {
  attach: {
    kind: "list",
    short: "a",
    value: "STREAM",
    help: "stay with stdin, stdout or stderr alone",
    apply: (draft, given) => {
      const streams = given.map((text) => text.toLowerCase());
      const stray = streams.find((text) => !STREAMS.includes(text));
      if (stray !== undefined) throw new UsageError(`option --attach takes stdin, stdout or stderr, not ${stray}`);
      if (streams.includes("stdin")) draft.config.stdin = true;
    },
  },
  interactive: toggle({ short: "i", help: "pass our standard input on" }, (draft) => {
    draft.config.stdin = true;
  }),
  tty: toggle({ short: "t", help: "give it a terminal" }, (draft) => {
    draft.config.tty = true;
  }),
  "detach-keys": { kind: "value", value: "KEYS", help: "what leaves it and its terminal; default ctrl-p,ctrl-q" },
  "sig-proxy": { kind: "flag", help: "pass signals on, unless false; default true" },
};

const STREAMS: readonly string[] = ["stdin", "stdout", "stderr"];
