import { parseSignal, type StopOptions } from "@voiyd/runtime-api";
import { parseDuration } from "../options/duration.js";
import type { Command } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { startSupervisor } from "./start-supervisor.js";

/** `voiyd restart`. */
export const restart: Command = {
  usage: "restart [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop containers, and start them again",
  options: {
    signal: { kind: "value", short: "s", value: "SIGNAL", help: "instead of the container's stop signal" },
    time: {
      kind: "value",
      short: "t",
      aliases: [{ name: "timeout" }],
      value: "SECONDS",
      help: "how long to wait before killing; -1 without an end",
    },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { args, signal } = context;
    const stopSignal = args.value("signal");
    const time = args.value("time");
    if (stopSignal !== undefined) parseSignal(stopSignal, "--signal");
    const options: StopOptions = {
      signal,
      ...(stopSignal === undefined ? {} : { stopSignal }),
      ...(time === undefined ? {} : { timeoutMs: parseDuration("--time", time) }),
    };
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      await startSupervisor(context, await runtime.restart(operand, options));
      return operand;
    });
  },
};
