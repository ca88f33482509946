import type { Resources, RestartPolicy } from "@voiyd/runtime-api";
import { UsageError } from "../command-line/usage-error.js";
import { parseDecimal, parseInteger } from "../options/number.js";
import { parseRestartPolicy } from "../options/restart-policy.js";
import { parseSize } from "../options/size.js";
import type { Command, Context } from "./command.js";
import { eachArgument } from "./each-argument.js";
import { startSupervisor } from "./start-supervisor.js";

/** `voiyd update`. */
export const update: Command = {
  usage: "update [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Change the limits and labels of containers",
  options: {
    "blkio-weight": { kind: "value", value: "NUMBER", help: "share of the disks, 10 to 1000" },
    "cpu-period": { kind: "value", value: "MICROSECONDS", help: "the period that --cpu-quota is for" },
    "cpu-quota": { kind: "value", value: "MICROSECONDS", help: "CPU time in a period" },
    "cpu-rt-period": { kind: "value", value: "MICROSECONDS", help: "the period that --cpu-rt-runtime is for" },
    "cpu-rt-runtime": { kind: "value", value: "MICROSECONDS", help: "real-time CPU time in a period" },
    "cpu-shares": { kind: "value", short: "c", value: "NUMBER", help: "share of the CPUs; 1024 is usual" },
    cpus: { kind: "value", value: "NUMBER", help: "at most so many CPUs, as 1.5" },
    "cpuset-cpus": { kind: "value", value: "LIST", help: "the CPUs to run on, as 0-3,5" },
    "cpuset-mems": { kind: "value", value: "LIST", help: "the memory nodes to use, as 0,1" },
    "label-add": { kind: "list", value: "KEY=VALUE", help: "set a label" },
    "label-rm": { kind: "list", value: "KEY", help: "take a label away" },
    memory: { kind: "value", short: "m", value: "SIZE", help: "at most so much memory, as 512m" },
    "memory-reservation": { kind: "value", value: "SIZE", help: "what it is pressed down to when memory is short" },
    "memory-swap": { kind: "value", value: "SIZE", help: "memory and swap together; -1 for no limit of swap" },
    restart: { kind: "value", value: "POLICY", help: "what becomes of it when it ends by itself, as for run" },
    "pids-limit": { kind: "value", value: "NUMBER", help: "at most so many processes; -1 for no limit" },
  },
  operands: [1, Infinity],
  async execute(context) {
    const { signal } = context;
    const changes = { ...readLimits(context), ...readLabels(context), ...readRestart(context) };
    if (Object.keys(changes).length === 0) throw new UsageError("update needs at least one option to change something");
    const runtime = await context.runtime();
    return eachArgument(context, async (operand) => {
      const updated = await runtime.update(operand, changes, { signal });
      if (updated.status.phase === "running") await startSupervisor(context, updated);
      return operand;
    });
  },
};

/** Options of one value, and the limits that they are. */
const LIMITS: readonly (readonly [string, (option: string, text: string) => Resources])[] = [
  ["blkio-weight", (option, text) => ({ blockIO: { weight: parseInteger(option, text) } })],
  ["cpu-period", (option, text) => ({ cpuPeriod: parseInteger(option, text) })],
  ["cpu-quota", (option, text) => ({ cpuQuota: parseInteger(option, text) })],
  ["cpu-rt-period", (option, text) => ({ cpuRealtimePeriod: parseInteger(option, text) })],
  ["cpu-rt-runtime", (option, text) => ({ cpuRealtimeRuntime: parseInteger(option, text) })],
  ["cpu-shares", (option, text) => ({ cpuShares: parseInteger(option, text) })],
  ["cpus", (option, text) => ({ cpus: parseDecimal(option, text) })],
  ["cpuset-cpus", (_option, text) => ({ cpusetCpus: text })],
  ["cpuset-mems", (_option, text) => ({ cpusetMems: text })],
  ["memory", (option, text) => ({ memory: parseSize(option, text) })],
  ["memory-reservation", (option, text) => ({ memoryReservation: parseSize(option, text) })],
  ["memory-swap", (option, text) => ({ memorySwap: text === "-1" ? -1 : parseSize(option, text) })],
  // Docker takes 0 for "no limit" too.
  ["pids-limit", (option, text) => ({ pids: parseInteger(option, text) || -1 })],
];

function readLimits({ args }: Context): { readonly resources?: Resources } {
  let resources: Resources = {};
  for (const [name, read] of LIMITS) {
    const text = args.value(name);
    if (text !== undefined) resources = { ...resources, ...read(`--${name}`, text) };
  }
  return Object.keys(resources).length === 0 ? {} : { resources };
}

function readRestart({ args }: Context): { readonly restartPolicy?: RestartPolicy } {
  const text = args.value("restart");
  return text === undefined ? {} : { restartPolicy: parseRestartPolicy(text) };
}

function readLabels({ args }: Context): { readonly labels?: Readonly<Record<string, string | null>> } {
  const added = args.list("label-add").map((text) => {
    const equals = text.indexOf("=");
    return equals === -1 ? ([text, ""] as const) : ([text.slice(0, equals), text.slice(equals + 1)] as const);
  });
  const removed = args.list("label-rm").map((key) => [key, null] as const);
  return added.length + removed.length === 0 ? {} : { labels: Object.fromEntries([...added, ...removed]) };
}
