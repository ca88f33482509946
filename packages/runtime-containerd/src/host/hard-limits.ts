/** `proc_pid_limits(5)`: the kernel's words for what `setrlimit(2)` and ulimits call otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  "Max cpu time": "cpu",
  "Max file size": "fsize",
  "Max data size": "data",
  "Max stack size": "stack",
  "Max core file size": "core",
  "Max resident set": "rss",
  "Max processes": "nproc",
  "Max open files": "nofile",
  "Max locked memory": "memlock",
  "Max address space": "as",
  "Max file locks": "locks",
  "Max pending signals": "sigpending",
  "Max msgqueue size": "msgqueue",
  "Max nice priority": "nice",
  "Max realtime priority": "rtprio",
  "Max realtime timeout": "rttime",
};

/** The hard limits in a process's `limits` file, by ulimit name; -1 for none. */
export function parseHardLimits(text: string): Readonly<Record<string, number>> {
  const limits = text.split("\n").flatMap((line) => {
    const [, label, , hard] = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    const name = label === undefined ? undefined : NAMES[label];
    return name === undefined || hard === undefined ? [] : [[name, hard === "unlimited" ? -1 : Number(hard)] as const];
  });
  return Object.fromEntries(limits);
}
