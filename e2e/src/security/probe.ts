import type { ContainerConfig } from "@voiyd/runtime-api";
import { outputOf } from "../fixture/collect.js";
import type { Stage } from "../fixture/stage.js";

/** What a process inside a container finds, by the name of the property. */
export type Findings = Readonly<Record<string, string>>;

/** Each property, and how a shell that has nothing but busybox finds it out. */
const QUESTIONS: Readonly<Record<string, string>> = {
  arguments: 'tr "\\0" " " < /proc/self/cmdline | cut -c1-6',
  workingDirectory: "pwd",
  environment: "env | grep -v -e ^PWD= -e ^SHLVL= -e ^OLDPWD= | sort",
  user: "id -u; id -g",
  groups: "id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' '",
  umask: "umask",
  capabilities: "grep ^Cap /proc/self/status",
  noNewPrivileges: "grep ^NoNewPrivs /proc/self/status",
  seccomp: "grep ^Seccomp: /proc/self/status",
  securityLabel: "cat /proc/self/attr/current 2>/dev/null",
  hostname: "hostname; cat /etc/hostname",
  domainname: "cat /proc/sys/kernel/domainname",
  limits: "cut -c1-66 /proc/self/limits | sed 's/  */ /g'",
  outOfMemoryScore: "cat /proc/self/oom_score_adj",
  namespaces: "for n in pid ipc uts net mnt cgroup user; do echo $n $(readlink /proc/self/ns/$n); done",
  idMappings: "sed 's/  */ /g' /proc/self/uid_map /proc/self/gid_map",
  controlGroups: "cat /proc/self/cgroup",
  mounts: "cut -d' ' -f 5,6 /proc/self/mountinfo",
  types: "sed 's/^\\S* \\S* \\S* \\S* \\(\\S*\\).* - \\(\\S*\\) .*/\\1 \\2/' /proc/self/mountinfo",
  rootIsWritable: "if touch /probe-file 2>/dev/null; then echo yes; rm /probe-file; else echo no; fi",
  devices:
    "ls -l /dev | grep '^[bc]' | sed 's/,  */,/; s/  */ /g' | cut -d' ' -f 1,5,6- | sed 's/ [A-Z][a-z][a-z] .* / /'",
  deviceAccess:
    "mknod /dev/log c 1 11 2>/dev/null && (dd if=/dev/log of=/dev/null bs=8192 count=1 2>/dev/null && echo open || echo closed)",
  masked:
    "for p in $MASKED; do [ -e $p ] || continue; echo $p $(if [ -d $p ]; then ls -A $p | wc -l; else head -c 1 $p 2>/dev/null | wc -c; fi); done",
  readonly:
    "for p in $READONLY; do [ -e $p ] && echo $p $(grep \" $p \" /proc/self/mountinfo | cut -d' ' -f 6 | cut -c1-2); done",
  kernelSettings: "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range",
  processes: "echo $$; ls -d /proc/[0-9]* | wc -l",
};

export const MASKED: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
export const READONLY: readonly string[] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

const MARK = "=== ";

function script(): string {
  const lists = [`MASKED="${MASKED.join(" ")}"`, `READONLY="${READONLY.join(" ")}"`];
  return [...lists, ...Object.entries(QUESTIONS).map(([name, question]) => `echo "${MARK}${name}"; ${question}`)].join(
    "\n",
  );
}

/** Runs a container that looks around in itself, and deletes it. */
export async function probe(stage: Stage, config: Partial<ContainerConfig> = {}): Promise<Findings> {
  const output = await runToEnd(stage, { entrypoint: ["/bin/sh", "-c", script()], ...config });
  return Object.fromEntries(
    output.split(MARK).flatMap((part) => {
      const end = part.indexOf("\n");
      return end === -1 ? [] : [[part.slice(0, end), part.slice(end + 1).trim()] as const];
    }),
  );
}

/** What a container writes to its standard output until it ends; deletes it. Fails when it writes errors. */
export async function runToEnd(stage: Stage, config: Partial<ContainerConfig>): Promise<string> {
  const { runtime } = stage.main;
  const name = `probe-${String(Math.trunc(performance.now() * 1000))}`;
  try {
    await runtime.run({ meta: { name }, config: { image: stage.busybox, network: "none", ...config } });
    const { stdout, stderr } = await outputOf(runtime, name);
    if (stderr !== "") throw new Error(`the probe wrote to its standard error: ${stderr}`);
    return stdout;
  } finally {
    await runtime.delete(name);
  }
}
