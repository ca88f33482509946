import { type SyscallGroup, table } from "./syscall-group.js";

/**
 * What 32-bit programs call in addition: x86 on an x64 machine, ARM on an arm64 machine. Where an architecture lacks
 * one of the names, it has no effect there.
 */
export const ordinary32BitSyscalls: readonly SyscallGroup[] = [
  {
    why: "File offsets and sizes of 64 bits.",
    names: table(`
      _llseek fcntl64 stat64 lstat64 fstat64 fstatat64 statfs64 fstatfs64 truncate64 ftruncate64 sendfile64
      fadvise64_64 mmap2
    `),
  },
  {
    why: "User and group ids of 32 bits.",
    names: table(`
      chown32 lchown32 fchown32 getuid32 geteuid32 getresuid32 getgid32 getegid32 getresgid32 getgroups32
      setuid32 setreuid32 setresuid32 setfsuid32 setgid32 setregid32 setresgid32 setfsgid32 setgroups32
    `),
  },
  {
    why: "Times of 64 bits; setting a clock is gated.",
    names: table(`
      clock_gettime64 clock_getres_time64 clock_nanosleep_time64 clock_adjtime64
      timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 utimensat_time64
      pselect6_time64 ppoll_time64 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64
      semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64
    `),
  },
  {
    why: "Earlier forms that C libraries still use on these architectures.",
    names: table("_newselect ugetrlimit waitpid nice sigaction sigprocmask sigpending sigsuspend sigreturn"),
  },
  {
    why: "ARM has send and recv as calls of their own.",
    names: table("send recv"),
  },
  {
    why:
      "x86 reaches sockets and System V IPC through one call each, and C libraries rely on it. The arguments of " +
      "socketcall lie in memory, where a filter cannot see the address family: the socket rules do not reach it.",
    names: table("socketcall ipc"),
  },
  {
    why: "ARM: argument orders of its own, cache maintenance and thread-local storage.",
    machines: ["arm64"],
    names: table("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls get_tls"),
  },
];
