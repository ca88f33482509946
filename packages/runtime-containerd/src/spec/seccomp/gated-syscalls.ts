import { type GatedSyscallGroup, table } from "./syscall-group.js";

/** Calls that only a container with a certain capability has any business with. */
export const gatedSyscalls: readonly GatedSyscallGroup[] = [
  {
    why: "Mounting, by the old call and by the newer ones in steps: a changed file tree undoes masked paths.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table(`
      mount umount umount2 pivot_root
      fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount mount_setattr
    `),
  },
  {
    why: "Namespaces: a new user namespace gives all capabilities inside it, and so far more kernel code to attack.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table("unshare setns listns"),
  },
  {
    why: "Settings of the whole host: quotas, swap space.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table("quotactl quotactl_fd swapon swapoff"),
  },
  {
    why: "The host name and domain name belong to whoever configures the container.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table("sethostname setdomainname"),
  },
  {
    why: "Watching file accesses of other processes, on whole file systems.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table("fanotify_init"),
  },
  {
    why: "Profiling: paths behind the kernel's directory cookies.",
    unlockedBy: ["CAP_SYS_ADMIN"],
    names: table("lookup_dcookie"),
  },
  {
    why: "Performance counters see other processes and the kernel, and have a long record of faults.",
    unlockedBy: ["CAP_SYS_ADMIN", "CAP_PERFMON"],
    names: table("perf_event_open"),
  },
  {
    why: "Programs inside the kernel.",
    unlockedBy: ["CAP_SYS_ADMIN", "CAP_BPF"],
    names: table("bpf"),
  },
  {
    why: "The kernel's log tells about the host and about addresses inside the kernel.",
    unlockedBy: ["CAP_SYS_ADMIN", "CAP_SYSLOG"],
    names: table("syslog"),
  },
  {
    why: "Modules are code inside the kernel.",
    unlockedBy: ["CAP_SYS_MODULE"],
    names: table("init_module finit_module delete_module"),
  },
  {
    why: "Restarting the machine, also into another kernel.",
    unlockedBy: ["CAP_SYS_BOOT"],
    names: table("reboot kexec_load kexec_file_load"),
  },
  {
    why: "x86: the machine's I/O ports.",
    machines: ["x64"],
    unlockedBy: ["CAP_SYS_RAWIO"],
    names: table("iopl ioperm"),
  },
  {
    why: "The clock is the host's and has no namespace.",
    unlockedBy: ["CAP_SYS_TIME"],
    names: table("settimeofday stime clock_settime clock_settime64"),
  },
  {
    why: "Process accounting of the host.",
    unlockedBy: ["CAP_SYS_PACCT"],
    names: table("acct"),
  },
  {
    why: "Hanging up a terminal under other processes.",
    unlockedBy: ["CAP_SYS_TTY_CONFIG"],
    names: table("vhangup"),
  },
  {
    why: "A second chroot is a known way out of a first one.",
    unlockedBy: ["CAP_SYS_CHROOT"],
    names: table("chroot"),
  },
  {
    why: "Opening by handle passes by every directory above, and so leaves the container's file tree.",
    unlockedBy: ["CAP_DAC_READ_SEARCH"],
    names: table("open_by_handle_at"),
  },
  {
    why: "Memory, descriptors and kernel objects of other processes.",
    unlockedBy: ["CAP_SYS_PTRACE"],
    names: table("kcmp process_vm_readv process_vm_writev process_madvise pidfd_getfd"),
  },
  {
    why: "Before 4.8 the kernel filtered a call before its tracer saw it, so a tracer could change it past the filter.",
    unlockedBy: ["CAP_SYS_PTRACE"],
    openSince: { major: 4, minor: 8 },
    names: table("ptrace"),
  },
  {
    why: "Placing memory on the nodes of the machine at the cost of others.",
    unlockedBy: ["CAP_SYS_NICE"],
    names: table("get_mempolicy set_mempolicy set_mempolicy_home_node mbind move_pages migrate_pages"),
  },
];
