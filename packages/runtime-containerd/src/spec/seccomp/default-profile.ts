import { cloneRules, personalityRules, socketRules } from "./argument-rules.js";
import { gatedSyscalls } from "./gated-syscalls.js";
import { ordinary32BitSyscalls } from "./ordinary-32-bit-syscalls.js";
import { ordinarySyscalls } from "./ordinary-syscalls.js";
import type { GatedSyscallGroup, KernelVersion, SeccompMachine, SyscallGroup } from "./syscall-group.js";
import type { LinuxSeccomp, SeccompArchitecture } from "./types.js";

const EPERM = 1;

/**
 * The machine's own table of system calls, and that of the 32-bit programs it runs. What calls by another is ended by
 * the kernel. x32 is such another: next to nobody has programs for it, most kernels are built without it, and libseccomp
 * needs half as long again for each process of a container where a filter has it too (13 of 58 ms that `exec` costs runc).
 */
const ARCHITECTURES: Readonly<Record<SeccompMachine, readonly SeccompArchitecture[]>> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  arm64: ["SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64"],
};

export interface DefaultSeccompProfileInput {
  readonly architecture: SeccompMachine;
  /** What the container ends up with, such as `CAP_SYS_ADMIN`, after everything was added and dropped. */
  readonly capabilities: readonly string[];
  /** The kernel that will run the container. One that is not known counts as old. */
  readonly kernel?: KernelVersion;
}

/** The filter of system calls for a container that asks for no other: whatever it does not allow fails with EPERM. */
export function defaultSeccompProfile(input: DefaultSeccompProfileInput): LinuxSeccomp {
  const capabilities: ReadonlySet<string> = new Set(input.capabilities);
  const isOpen = (group: GatedSyscallGroup): boolean =>
    group.unlockedBy.some((capability) => capabilities.has(capability)) ||
    (group.openSince !== undefined && isSince(input.kernel, group.openSince));

  const allowed = [...ordinarySyscalls, ...ordinary32BitSyscalls, ...gatedSyscalls.filter(isOpen)]
    .filter((group) => isFor(group, input.architecture))
    .flatMap((group) => group.names)
    .sort();

  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[input.architecture],
    syscalls: [
      { names: allowed, action: "SCMP_ACT_ALLOW" },
      ...cloneRules(capabilities.has("CAP_SYS_ADMIN")),
      ...personalityRules(),
      ...socketRules(),
    ],
  };
}

function isFor(group: SyscallGroup, machine: SeccompMachine): boolean {
  return group.machines === undefined || group.machines.includes(machine);
}

function isSince(kernel: KernelVersion | undefined, first: KernelVersion): boolean {
  if (kernel === undefined) return false;
  return kernel.major > first.major || (kernel.major === first.major && kernel.minor >= first.minor);
}
