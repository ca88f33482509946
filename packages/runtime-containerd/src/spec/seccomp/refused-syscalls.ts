import { type SyscallGroup, table } from "./syscall-group.js";

/**
 * Calls that no capability opens. The profile refuses whatever it does not name, so these tables change nothing at run
 * time: they say that a name is missing on purpose, and the tests hold every known call to be in exactly one table.
 */
export const refusedSyscalls: readonly SyscallGroup[] = [
  {
    why: "Keyrings have no namespace of their own: keys would be shared with the host and with other containers.",
    names: table("add_key keyctl request_key"),
  },
  {
    why: "Lets a process hold the kernel in the middle of a copy, the customary help for exploiting races.",
    names: table("userfaultfd"),
  },
  {
    why: "Carries out calls in the kernel where no seccomp filter sees them, and has a long record of faults.",
    names: table("io_uring_setup io_uring_enter io_uring_register"),
  },
  {
    why: "Facts about file systems by number; replaced by /proc/filesystems and statfs.",
    names: table("sysfs ustat"),
  },
  {
    why: "Loads shared libraries of a format that has gone.",
    names: table("uselib"),
  },
  {
    why: "Removed from the kernel: sysctl by number, the in-kernel NFS interface, the module calls before 2.6.",
    names: table("_sysctl nfsservctl create_module get_kernel_syms query_module bdflush"),
  },
  {
    why: "Numbers kept for calls that were never there or are there no more.",
    names: table(`
      afs_syscall break epoll_ctl_old epoll_wait_old ftime getpmsg gtty idle lock mpx prof profil putpmsg security
      stty tuxcall ulimit vserver
    `),
  },
  {
    why: "Forms of the 1990s on 32-bit machines, which no current C library makes.",
    names: table("oldstat oldlstat oldfstat olduname oldolduname readdir signal sgetmask ssetmask"),
  },
  {
    why: "x86: 16-bit mode inside the kernel.",
    names: table("vm86 vm86old"),
  },
  {
    why: "ARM: 26-bit mode, a call that makes any other call, and bare access to the PCI bus.",
    names: table("usr26 usr32 syscall pciconfig_iobase pciconfig_read pciconfig_write"),
  },
];
