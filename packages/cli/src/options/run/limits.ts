import type { Resources } from "@voiyd/runtime-api";
import { parseByteRate, parseDeviceWeight, parseOperationRate } from "../device-limit.js";
import { parseKeyValues } from "../key-value.js";
import { parseDecimal, parseInteger } from "../number.js";
import { parseSize } from "../size.js";
import { parseUlimit } from "../ulimit.js";
import { commaList, list, type RunFlag, type RunFlags, single, toggle } from "./run-flag.js";

type Numeric = {
  [K in keyof Resources]-?: NonNullable<Resources[K]> extends number ? K : never;
}[keyof Resources];
type Read = (option: string, text: string) => number;

/** A limit that is one number. `none`: what Docker takes for "not asked for". */
function limit(
  flag: string,
  key: Numeric,
  read: Read,
  help: Pick<RunFlag, "help" | "short" | "value">,
  none = 0,
): RunFlag {
  return single({ value: "NUMBER", ...help }, (draft, text) => {
    const value = read(`--${flag}`, text);
    if (value !== none) draft.limit({ [key]: value });
  });
}

function text(key: "cpusetCpus" | "cpusetMems", help: string): RunFlag {
  return single({ value: "LIST", help }, (draft, given) => {
    if (given !== "") draft.limit({ [key]: given });
  });
}

const sizeOrUnlimited: Read = (option, given) => (given === "-1" ? -1 : parseSize(option, given));

/** What the container may use up. */
export const LIMIT_FLAGS: RunFlags = {
  memory: limit("memory", "memory", parseSize, { short: "m", value: "SIZE", help: "at most so much memory, as 512m" }),
  "memory-swap": limit("memory-swap", "memorySwap", sizeOrUnlimited, {
    value: "SIZE",
    help: "memory and swap space together; -1 for all there is",
  }),
  "memory-reservation": limit("memory-reservation", "memoryReservation", parseSize, {
    value: "SIZE",
    help: "down to which it is pressed when memory is short",
  }),
  "memory-swappiness": limit(
    "memory-swappiness",
    "memorySwappiness",
    parseInteger,
    { help: "0 to 100: how readily it is swapped" },
    -1,
  ),
  "kernel-memory": limit("kernel-memory", "kernelMemory", parseSize, { value: "SIZE", help: "for kernels before 6.1" }),
  "oom-kill-disable": toggle({ help: "wait for memory instead of being ended" }, (draft) => {
    draft.limit({ oomKillDisable: true });
  }),
  "oom-score-adj": single(
    { value: "NUMBER", help: "-1000 to 1000: the greater, the sooner it is ended" },
    (draft, given) => {
      draft.config.oomScoreAdj = parseInteger("--oom-score-adj", given);
    },
  ),
  cpus: limit("cpus", "cpus", parseDecimal, { help: "at most so many CPUs, as 1.5" }),
  "cpu-shares": limit("cpu-shares", "cpuShares", parseInteger, {
    short: "c",
    help: "the share beside others; 1024 is usual",
  }),
  "cpu-quota": limit("cpu-quota", "cpuQuota", parseInteger, { value: "MICROSECONDS", help: "of CPU time in a period" }),
  "cpu-period": limit("cpu-period", "cpuPeriod", parseInteger, { value: "MICROSECONDS", help: "100000 by default" }),
  "cpu-rt-runtime": limit("cpu-rt-runtime", "cpuRealtimeRuntime", parseInteger, {
    value: "MICROSECONDS",
    help: "of real-time CPU time in a period",
  }),
  "cpu-rt-period": limit("cpu-rt-period", "cpuRealtimePeriod", parseInteger, {
    value: "MICROSECONDS",
    help: "for --cpu-rt-runtime",
  }),
  "cpuset-cpus": text("cpusetCpus", "CPUs to run on, as 0-3,5"),
  "cpuset-mems": text("cpusetMems", "memory nodes to use, as 0,1"),
  "pids-limit": single({ value: "NUMBER", help: "at most so many processes; -1 for no limit" }, (draft, given) => {
    // Docker takes 0 and every negative number for "no limit".
    const pids = parseInteger("--pids-limit", given);
    draft.limit({ pids: pids > 0 ? pids : -1 });
  }),
  "blkio-weight": single({ value: "NUMBER", help: "the share of disks beside others, 10 to 1000" }, (draft, given) => {
    const weight = parseInteger("--blkio-weight", given);
    if (weight !== 0) draft.limitBlockIO({ weight });
  }),
  "blkio-weight-device": list({ value: "PATH:WEIGHT", help: "the same for one disk" }, (draft, texts) => {
    draft.limitBlockIO({ weightDevices: texts.map((given) => parseDeviceWeight(given)) });
  }),
  "device-read-bps": list(
    { value: "PATH:RATE", help: "bytes a second read from a disk, as /dev/sda:1mb" },
    (draft, texts) => {
      draft.limitBlockIO({ readBps: texts.map((given) => parseByteRate("--device-read-bps", given)) });
    },
  ),
  "device-write-bps": list({ value: "PATH:RATE", help: "bytes a second written to a disk" }, (draft, texts) => {
    draft.limitBlockIO({ writeBps: texts.map((given) => parseByteRate("--device-write-bps", given)) });
  }),
  "device-read-iops": list({ value: "PATH:RATE", help: "reads a second from a disk" }, (draft, texts) => {
    draft.limitBlockIO({ readIops: texts.map((given) => parseOperationRate("--device-read-iops", given)) });
  }),
  "device-write-iops": list({ value: "PATH:RATE", help: "writes a second to a disk" }, (draft, texts) => {
    draft.limitBlockIO({ writeIops: texts.map((given) => parseOperationRate("--device-write-iops", given)) });
  }),
  ulimit: commaList(
    { value: "NAME=SOFT[:HARD]", help: "a limit of each process, as nofile=1024:2048" },
    (draft, texts) => {
      // The last of a name counts, as with Docker.
      const byName = new Map(texts.map((given) => parseUlimit(given)).map((ulimit) => [ulimit.name, ulimit]));
      draft.config.ulimits = [...byName.values()];
    },
  ),
  "cgroup-parent": single({ value: "PATH", help: "where its control group stands" }, (draft, given) => {
    if (given !== "") draft.config.cgroupParent = given;
  }),
  "cgroup-conf": list(
    { value: "FILE=VALUE", help: "a file of control groups v2 and what to write into it" },
    (draft, texts) => {
      draft.limit({ unified: parseKeyValues("--cgroup-conf", texts) });
    },
  ),
};
