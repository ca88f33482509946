/** The machines the default profile is made for. */
export type SeccompMachine = "x64" | "arm64";

/** The capabilities that open system calls in the default profile. */
export type UnlockingCapability =
  | "CAP_BPF"
  | "CAP_DAC_READ_SEARCH"
  | "CAP_PERFMON"
  | "CAP_SYSLOG"
  | "CAP_SYS_ADMIN"
  | "CAP_SYS_BOOT"
  | "CAP_SYS_CHROOT"
  | "CAP_SYS_MODULE"
  | "CAP_SYS_NICE"
  | "CAP_SYS_PACCT"
  | "CAP_SYS_PTRACE"
  | "CAP_SYS_RAWIO"
  | "CAP_SYS_TIME"
  | "CAP_SYS_TTY_CONFIG";

export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** System calls of one class, which are allowed or refused for one and the same reason. */
export interface SyscallGroup {
  /** The reason, for the reader of the tables. */
  readonly why: string;
  readonly names: readonly string[];
  /** Absent: for every machine. */
  readonly machines?: readonly SeccompMachine[];
}

/** Calls that a container gets when it holds any one of `unlockedBy`, or runs on `openSince` or a later kernel. */
export interface GatedSyscallGroup extends SyscallGroup {
  readonly unlockedBy: readonly UnlockingCapability[];
  readonly openSince?: KernelVersion;
}

/** Reads a table of names, parted by any white space. */
export function table(names: string): readonly string[] {
  return names.trim().split(/\s+/);
}
