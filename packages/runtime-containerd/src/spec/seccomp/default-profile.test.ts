import { describe, expect, test } from "@jest/globals";
import { type DefaultSeccompProfileInput, defaultSeccompProfile } from "./default-profile.js";
import { gatedSyscalls } from "./gated-syscalls.js";
import { ordinary32BitSyscalls } from "./ordinary-32-bit-syscalls.js";
import { ordinarySyscalls } from "./ordinary-syscalls.js";
import { refusedSyscalls } from "./refused-syscalls.js";
import { table } from "./syscall-group.js";
import type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from "./types.js";

const EPERM = 1;
const ENOSYS = 38;

/** What a container holds when nothing is added or dropped. */
const usualCapabilities = table(`
  CAP_AUDIT_WRITE CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_BIND_SERVICE CAP_NET_RAW
  CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT
`);

/** Every gate: the capability, and all the calls it opens on an x64 machine with a current kernel. */
const gates: readonly (readonly [capability: string, opened: string])[] = [
  [
    "CAP_SYS_ADMIN",
    `bpf clone3 fanotify_init fsconfig fsmount fsopen fspick listns lookup_dcookie mount mount_setattr move_mount
     open_tree open_tree_attr perf_event_open pivot_root quotactl quotactl_fd setdomainname sethostname setns swapoff
     swapon syslog umount umount2 unshare`,
  ],
  ["CAP_PERFMON", "perf_event_open"],
  ["CAP_BPF", "bpf"],
  ["CAP_SYSLOG", "syslog"],
  ["CAP_SYS_MODULE", "delete_module finit_module init_module"],
  ["CAP_SYS_BOOT", "kexec_file_load kexec_load reboot"],
  ["CAP_SYS_RAWIO", "ioperm iopl"],
  ["CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"],
  ["CAP_SYS_PACCT", "acct"],
  ["CAP_SYS_TTY_CONFIG", "vhangup"],
  ["CAP_SYS_CHROOT", "chroot"],
  ["CAP_DAC_READ_SEARCH", "open_by_handle_at"],
  ["CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev"],
  ["CAP_SYS_NICE", "get_mempolicy mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node"],
];

const everyName = [...ordinarySyscalls, ...ordinary32BitSyscalls, ...gatedSyscalls, ...refusedSyscalls]
  .flatMap((group) => group.names)
  .concat("clone", "clone3", "personality", "socket")
  .sort();

function profile(input: Partial<DefaultSeccompProfileInput> = {}): LinuxSeccomp {
  return defaultSeccompProfile({ architecture: "x64", capabilities: [], kernel: { major: 6, minor: 18 }, ...input });
}

function rulesFor(name: string, input: Partial<DefaultSeccompProfileInput> = {}): readonly LinuxSyscall[] {
  return (profile(input).syscalls ?? []).filter((rule) => rule.names.includes(name));
}

function holds(comparison: LinuxSeccompArg, first: bigint): boolean {
  expect(comparison.index).toBe(0);
  const value = BigInt(comparison.value);
  switch (comparison.op) {
    case "SCMP_CMP_EQ":
      return first === value;
    case "SCMP_CMP_LT":
      return first < value;
    case "SCMP_CMP_MASKED_EQ":
      return (first & value) === BigInt(comparison.valueTwo ?? 0);
    default:
      throw new Error(`the profile does not use ${comparison.op}`);
  }
}

/** What the kernel answers to a call with this first argument: 0 for "goes ahead", else the error. */
function answer(name: string, first: bigint, input: Partial<DefaultSeccompProfileInput> = {}): number | undefined {
  const rule = rulesFor(name, input).find(({ args = [] }) => args.every((comparison) => holds(comparison, first)));
  if (rule === undefined) return profile(input).defaultErrnoRet;
  return rule.action === "SCMP_ACT_ALLOW" ? 0 : rule.errnoRet;
}

function freelyAllowed(input: Partial<DefaultSeccompProfileInput> = {}): readonly string[] {
  return everyName.filter((name) =>
    rulesFor(name, input).some((rule) => rule.action === "SCMP_ACT_ALLOW" && rule.args === undefined),
  );
}

describe("defaultSeccompProfile", () => {
  test("refuses with EPERM whatever it does not name", () => {
    expect(profile()).toMatchObject({ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: EPERM });
    expect(answer("made_up", 0n)).toBe(EPERM);
  });

  test.each([
    ["x64", ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]],
    ["arm64", ["SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64"]],
  ] as const)("covers the system call tables of %s", (architecture, expected) => {
    expect(profile({ architecture }).architectures).toEqual(expected);
  });

  test("names each call in one rule, apart from those ruled by arguments", () => {
    const repeated = everyName.filter((name) => rulesFor(name).length > 1);
    expect(repeated).toEqual(["personality", "socket"]);
    for (const rule of profile().syscalls ?? []) expect(rule.names).toEqual([...new Set(rule.names)].sort());
  });

  test.each([
    ["files", "open openat2 read pwritev2 renameat2 statx setxattr mknodat io_submit file_getattr"],
    ["processes", "fork vfork execveat wait4 pidfd_open rseq prctl seccomp capset landlock_create_ruleset"],
    ["memory", "mmap mprotect mremap madvise memfd_create mseal pkey_alloc"],
    ["waiting", "epoll_wait epoll_pwait2 futex futex_waitv inotify_init1 ppoll pselect6"],
    ["sockets", "accept4 bind connect recvmmsg sendmsg socketpair"],
    ["clocks", "clock_gettime clock_nanosleep timerfd_create adjtimex clock_adjtime"],
    ["interprocess communication", "shmget semop msgrcv mq_open"],
    ["32-bit programs", "_llseek stat64 fstatat64 clock_gettime64 futex_time64 setuid32 socketcall ipc ugetrlimit"],
  ])("allows without any capability: %s", (_class, names) => {
    expect(freelyAllowed()).toEqual(expect.arrayContaining([...table(names)]));
  });

  test.each(gates)("opens with %s exactly what belongs to it", (capability, opened) => {
    const before = new Set(freelyAllowed());
    const gained = freelyAllowed({ capabilities: [capability] }).filter((name) => !before.has(name));
    expect(gained.filter((name) => name !== "clone")).toEqual([...table(opened)].sort());
  });

  test("opens of all gates only chroot with the usual capabilities", () => {
    const before = new Set(freelyAllowed());
    const gained = freelyAllowed({ capabilities: usualCapabilities }).filter((name) => !before.has(name));
    expect(gained).toEqual(["chroot"]);
  });

  test("opens nothing for a capability it does not know", () => {
    expect(freelyAllowed({ capabilities: ["SYS_ADMIN", "cap_sys_admin", "CAP_NET_ADMIN"] })).toEqual(freelyAllowed());
  });

  test.each(["x64", "arm64"] as const)("keeps refused calls refused under every capability on %s", (architecture) => {
    const capabilities = [...usualCapabilities, ...gates.map(([capability]) => capability)];
    const allowed = new Set(freelyAllowed({ architecture, capabilities }));
    const refused = refusedSyscalls.flatMap((group) => group.names);
    expect(refused).toEqual(
      expect.arrayContaining([...table("keyctl add_key request_key userfaultfd io_uring_setup uselib _sysctl")]),
    );
    expect(refused.filter((name) => allowed.has(name))).toEqual([]);
  });

  test("keeps what is x86's from arm64, and what is ARM's from x64", () => {
    const capabilities = ["CAP_SYS_RAWIO"];
    const x64 = new Set(freelyAllowed({ capabilities }));
    const arm64 = new Set(freelyAllowed({ capabilities, architecture: "arm64" }));
    expect([...x64].filter((name) => !arm64.has(name))).toEqual([
      ...table("arch_prctl get_thread_area ioperm iopl modify_ldt set_thread_area uprobe uretprobe"),
    ]);
    expect([...arm64].filter((name) => !x64.has(name))).toEqual([
      ...table("arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush get_tls set_tls sync_file_range2"),
    ]);
  });
});

describe("rules by kernel", () => {
  test.each([
    [{ major: 4, minor: 7 }, EPERM],
    [{ major: 3, minor: 19 }, EPERM],
    [{ major: 4, minor: 8 }, 0],
    [{ major: 5, minor: 0 }, 0],
  ])("ptrace on %j gives %i", (kernel, expected) => {
    expect(answer("ptrace", 0n, { kernel })).toBe(expected);
    expect(answer("ptrace", 0n, { kernel, capabilities: ["CAP_SYS_PTRACE"] })).toBe(0);
  });

  test("a kernel that is not known counts as old", () => {
    const unknown = defaultSeccompProfile({ architecture: "x64", capabilities: [] });
    expect(unknown).toEqual(profile({ kernel: { major: 4, minor: 7 } }));
  });
});

describe("rules by argument", () => {
  const SIGCHLD = 17n;

  test.each([
    ["no flag", 0n, 0],
    ["a thread", 0x3d_0f00n, 0],
    ["CLONE_NEWNS", 0x2_0000n, EPERM],
    ["CLONE_NEWCGROUP", 0x200_0000n, EPERM],
    ["CLONE_NEWUTS", 0x400_0000n, EPERM],
    ["CLONE_NEWIPC", 0x800_0000n, EPERM],
    ["CLONE_NEWUSER", 0x1000_0000n, EPERM],
    ["CLONE_NEWPID", 0x2000_0000n, EPERM],
    ["CLONE_NEWNET", 0x4000_0000n, EPERM],
    ["CLONE_NEWUSER and a bit the kernel ignores", 0x1_1000_0000n, EPERM],
  ])("clone with %s", (_what, flags, expected) => {
    expect(answer("clone", flags | SIGCHLD)).toBe(expected);
    expect(answer("clone", flags | SIGCHLD, { capabilities: ["CAP_SYS_ADMIN"] })).toBe(0);
  });

  test("clone is one comparison under a mask", () => {
    expect(rulesFor("clone").map((rule) => rule.args)).toEqual([
      [{ index: 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
    ]);
  });

  test("clone3 is missing, so that C libraries fall back to clone", () => {
    expect(rulesFor("clone3")).toEqual([{ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS }]);
    expect(answer("clone3", 0n, { capabilities: ["CAP_SYS_ADMIN"] })).toBe(0);
  });

  test("personality allows five values", () => {
    const allowed = [0x0, 0x0008, 0x2_0000, 0x2_0008, 0xffff_ffff];
    expect(rulesFor("personality").map((rule) => rule.args)).toEqual(
      allowed.map((value) => [{ index: 0, value, op: "SCMP_CMP_EQ" }]),
    );
    for (const refused of [0x4_0000n, 0x40_0000n, 1n, 0x1_0000_0000n])
      expect(answer("personality", refused)).toBe(EPERM);
  });

  test.each([
    ["AF_UNIX", 1n, 0],
    ["AF_INET6", 10n, 0],
    ["AF_NETLINK", 16n, 0],
    ["the family below AF_ALG", 37n, 0],
    ["AF_ALG", 38n, EPERM],
    ["the family between", 39n, 0],
    ["AF_VSOCK", 40n, EPERM],
    ["the family above AF_VSOCK", 41n, 0],
    ["the last family", 45n, 0],
    ["a family yet to come", 46n, EPERM],
    ["AF_ALG for the kernel, by its lower half", (1n << 32n) + 38n, EPERM],
    ["AF_VSOCK for the kernel, by its lower half", (1n << 32n) + 40n, EPERM],
  ])("socket of %s", (_what, family, expected) => {
    expect(answer("socket", family)).toBe(expected);
    expect(answer("socket", family, { capabilities: ["CAP_SYS_ADMIN"] })).toBe(expected);
  });
});
