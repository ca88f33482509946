import { parseSignal, type StopOptions } from "@voiyd/runtime-api";
import type { OptionTable } from "../command-line/option-table.js";
import { parseDuration } from "../options/duration.js";
import type { Context } from "./command.js";

/** How `stop` and `restart` end a container. */
export const STOP_OPTIONS: OptionTable = {
  signal: { kind: "value", short: "s", value: "SIGNAL", help: "instead of the container's stop signal" },
  timeout: {
    kind: "value",
    short: "t",
    // Docker called it so until version 28.
    aliases: [{ name: "time" }],
    value: "SECONDS",
    help: "how long to wait before killing; -1 without an end",
  },
};

/** What these options say. Throws for a signal or a time that is none. */
export function readStopOptions({ args, signal }: Pick<Context, "args" | "signal">): StopOptions {
  const stopSignal = args.value("signal");
  const time = args.value("timeout");
  if (stopSignal !== undefined) parseSignal(stopSignal, "--signal");
  return {
    signal,
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(time === undefined ? {} : { timeoutMs: parseDuration("--timeout", time) }),
  };
}
