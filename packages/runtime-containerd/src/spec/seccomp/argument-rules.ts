import type { LinuxSeccompArg, LinuxSyscall } from "./types.js";

const ENOSYS = 38;

/** Every flag of clone that makes a namespace: mount, cgroup, UTS, IPC, user, PID and network. */
const CLONE_NAMESPACE_FLAGS = 0x7e02_0000;

/**
 * The execution domains a program may choose: Linux, its 32-bit machine name (PER_LINUX32, 0x8), either of the two
 * with the 2.6 release number (UNAME26, 0x20000), and the value that only asks. Others switch protections off.
 */
const PERSONALITIES: readonly number[] = [0x0, 0x0008, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** The kernel's crypto interface. */
const AF_ALG = 38;
const AF_NFC = 39;
/** Sockets to the hypervisor and to other virtual machines; no network namespace holds them. */
const AF_VSOCK = 40;
/** The last address family, as of Linux 6.18 (MCTP). */
const LAST_FAMILY = 45;

/** Without new namespaces, unless the container administers them anyway. */
export function cloneRules(mayMakeNamespaces: boolean): readonly LinuxSyscall[] {
  if (mayMakeNamespaces) return [{ names: ["clone", "clone3"], action: "SCMP_ACT_ALLOW" }];
  return [
    allow("clone", { index: 0, value: CLONE_NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }),
    // The flags of clone3 lie in memory, where a filter cannot see them. C libraries that find it missing use clone.
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
  ];
}

export function personalityRules(): readonly LinuxSyscall[] {
  return PERSONALITIES.map((value) => allow("personality", { index: 0, value, op: "SCMP_CMP_EQ" }));
}

/**
 * Every address family but AF_ALG and AF_VSOCK.
 *
 * The filter compares 64 bits of the argument, the kernel uses the lower 32. "More than 40" would therefore also hold
 * for 2^32 + 40, which the kernel takes for 40 again. So the families above are named one by one.
 */
export function socketRules(): readonly LinuxSyscall[] {
  const above = Array.from({ length: LAST_FAMILY - AF_VSOCK }, (_, position) => AF_VSOCK + 1 + position);
  return [
    allow("socket", { index: 0, value: AF_ALG, op: "SCMP_CMP_LT" }),
    ...[AF_NFC, ...above].map((value) => allow("socket", { index: 0, value, op: "SCMP_CMP_EQ" })),
  ];
}

function allow(name: string, argument: LinuxSeccompArg): LinuxSyscall {
  return { names: [name], action: "SCMP_ACT_ALLOW", args: [argument] };
}
