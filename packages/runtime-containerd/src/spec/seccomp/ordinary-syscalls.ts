import { type SyscallGroup, table } from "./syscall-group.js";

/**
 * Calls that every container may make: they act on what the process already owns, or the kernel itself asks for a
 * capability where they go further.
 */
export const ordinarySyscalls: readonly SyscallGroup[] = [
  {
    why: "Opening, reading and writing files and pipes, also asynchronously and without copying.",
    names: table(`
      open openat openat2 creat close close_range
      read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek
      dup dup2 dup3 fcntl ioctl flock pipe pipe2
      truncate ftruncate fallocate fadvise64 readahead
      sync syncfs fsync fdatasync sync_file_range
      sendfile splice tee vmsplice copy_file_range
      io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents
    `),
  },
  {
    why: "Paths, directories, ownership and attributes. Making a device node still needs CAP_MKNOD.",
    names: table(`
      stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2
      chdir fchdir getcwd getdents getdents64 umask
      mkdir mkdirat rmdir mknod mknodat link linkat symlink symlinkat readlink readlinkat
      unlink unlinkat rename renameat renameat2
      chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat
      utime utimes utimensat futimesat
      getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
      listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
      file_getattr file_setattr
    `),
  },
  {
    why: "A handle says which file a path means; turning it into an open file is what is gated.",
    names: table("name_to_handle_at"),
  },
  {
    why: "Reading the mounts the process can see anyway, as in /proc/self/mountinfo.",
    names: table("statmount listmount"),
  },
  {
    why: "Waiting for events and watching files. A fanotify mark needs a descriptor from the gated fanotify_init.",
    names: table(`
      select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
      eventfd eventfd2 signalfd signalfd4
      inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
    `),
  },
  {
    why: "The process's own memory.",
    names: table(`
      brk mmap munmap mremap mprotect madvise msync mincore cachestat remap_file_pages
      mlock mlock2 mlockall munlock munlockall mseal membarrier memfd_create memfd_secret
      pkey_alloc pkey_free pkey_mprotect map_shadow_stack
    `),
  },
  {
    why: "Starting, ending and awaiting processes and threads. The clone family is ruled by its arguments.",
    names: table(`
      fork vfork execve execveat exit exit_group wait4 waitid
      getpid getppid gettid getpgid setpgid getpgrp getsid setsid
      pidfd_open pidfd_send_signal process_mrelease
      set_tid_address set_robust_list get_robust_list rseq rseq_slice_yield restart_syscall
    `),
  },
  {
    why: "Futexes.",
    names: table("futex futex_waitv futex_wake futex_wait futex_requeue"),
  },
  {
    why: "Scheduling and limits; the kernel asks for a capability where priority or limits rise.",
    names: table(`
      sched_yield sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr sched_setattr
      sched_getaffinity sched_setaffinity sched_get_priority_min sched_get_priority_max sched_rr_get_interval
      getpriority setpriority ioprio_get ioprio_set getrlimit setrlimit prlimit64 getrusage getcpu times
    `),
  },
  {
    why: "Users, groups and capabilities of the process; the kernel lets none of them grow unasked.",
    names: table(`
      getuid geteuid getresuid getgid getegid getresgid getgroups
      setuid setreuid setresuid setfsuid setgid setregid setresgid setfsgid setgroups
      capget capset prctl
    `),
  },
  {
    why: "A process that restricts itself further, and the labels of the security modules.",
    names: table(`
      seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
      lsm_get_self_attr lsm_set_self_attr lsm_list_modules
    `),
  },
  {
    why: "Signals.",
    names: table(`
      kill tkill tgkill pause sigaltstack rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait
      rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn
    `),
  },
  {
    why: "Clocks, sleeping and timers.",
    names: table(`
      time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer
      timer_create timer_settime timer_gettime timer_getoverrun timer_delete
      timerfd_create timerfd_settime timerfd_gettime
    `),
  },
  {
    why:
      "The adjustment calls also read the state of the clock (ntp_gettime), and which of the two is meant lies in " +
      "memory that a filter cannot see. The kernel asks for CAP_SYS_TIME before it changes anything.",
    names: table("adjtimex clock_adjtime"),
  },
  {
    why: "Sockets, once they are open; socket itself is ruled by its arguments.",
    names: table(`
      socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
      sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
    `),
  },
  {
    why: "System V and POSIX interprocess communication, inside the IPC namespace.",
    names: table(`
      shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
      mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    `),
  },
  {
    why: "Facts about the system.",
    names: table("uname sysinfo getrandom"),
  },
  {
    why: "x86: thread-local storage, and segments for Wine and other 16-bit or 32-bit code.",
    machines: ["x64"],
    names: table("arch_prctl modify_ldt set_thread_area get_thread_area"),
  },
  {
    why: "x86: made by the kernel's own trampolines in a process that is being traced; any other caller is killed.",
    machines: ["x64"],
    names: table("uretprobe uprobe"),
  },
];
