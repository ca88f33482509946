import type { Device } from "./device.js";
import type { Dns, ExtraHost } from "./dns.js";
import type { Health, HealthCheck } from "./health.js";
import type { ID } from "./id.js";
import type { Logging } from "./logging.js";
import type { Mount, VolumesFrom } from "./mount.js";
import type { NetworkAttachRequest } from "./network-attach-request.js";
import type { PortMapping } from "./port-mapping.js";
import type { Namespaces } from "./namespaces.js";
import type { Resources } from "./resources.js";
import type { RestartPolicy } from "./restart-policy.js";
import type { SeccompOption, SelinuxLabel, Ulimit } from "./security.js";

/** User-given key and value pairs. A key with its value is at most 4096 bytes (containerd's limit for a label). */
export type Labels = Readonly<Record<string, string>>;

/** A container as a {@link Runtime} knows it. A plain object: it can be cloned, compared and sent as JSON. */
export interface Container {
  /** The version of this object's shape. */
  readonly version: string;
  readonly meta: ContainerMeta;
  readonly config: ContainerConfig;
  readonly status: ContainerStatus;
}

export interface ContainerMeta {
  /** Unique among the containers of a runtime's namespace. */
  readonly name: string;
  readonly labels: Labels;
  readonly created: Date;
  readonly updated: Date;
  /** Counts the changes of this object, from 1. */
  readonly revision: number;
}

/** What `run` takes. A whole {@link Container} is one too: its status is ignored, so a container can be run again. */
export interface ContainerRequest {
  readonly version?: string;
  readonly meta: Pick<ContainerMeta, "name"> & Partial<ContainerMeta>;
  readonly config: ContainerConfig;
}

/** A name, a full id, an unambiguous id prefix, or a container object (its id, or, where it has none, its name). */
export type ContainerRef = string | ContainerRequest | Container;

/** What a container is made of and how it is run. */
export interface ContainerConfig {
  /** An image reference as Docker writes it: `nginx`, `ghcr.io/owner/app:1.2`, `app@sha256:…`. */
  readonly image: string;
  /** For which the image is taken, as `linux/arm64`, where it is there for several. Default: this host's. */
  readonly platform?: string;
  /** Replaces the image's entrypoint, and with it the image's default arguments. */
  readonly entrypoint?: readonly string[];
  /** Replaces the image's default arguments. */
  readonly args?: readonly string[];
  /** Added to the image's environment; a name given here wins. */
  readonly envvars?: readonly EnvVar[];
  /**
   * The first process has a terminal: its standard output and standard error are one stream, and it lives as long as the
   * container. Default false.
   */
  readonly tty?: boolean;
  /** Whoever attaches to the container can write to the first process's standard input. Default: there is none. */
  readonly stdin?: boolean;
  /** An absolute path in the container. Default: the image's, or `/`. */
  readonly workingDir?: string;
  /** Default: the first twelve characters of the id. */
  readonly hostname?: string;
  /** The NIS domain name, which `hostname -d` and the hosts file show. Default: none. */
  readonly domainname?: string;
  readonly mounts?: readonly Mount[];
  /** Other containers whose folders and volumes are mounted here too, at the same paths. What `mounts` says counts more. */
  readonly volumesFrom?: readonly VolumesFrom[];
  readonly portMappings?: readonly PortMapping[];
  /** `user[:group]`, each as a name or a number from 0 to 2147483647. Default: the image's, or root. */
  readonly user?: string;
  /** Further groups of the first process, as names of the image or numbers. */
  readonly groupAdd?: readonly string[];
  /** The file mode creation mask, 0 to 0o777. Default: the runtime's, which is 0o022. */
  readonly umask?: number;
  /** All capabilities, all devices, nothing masked, no seccomp. Default false. */
  readonly privileged?: boolean;
  readonly capabilities?: Capabilities;
  /**
   * Everything that makes a container tighter, in one word: no new privileges, a read-only root, nine capabilities, at
   * most 512 processes and 1 GiB of memory, and a private control group namespace. What the configuration itself says
   * about any of these counts more. Not together with `privileged`. Default false.
   */
  readonly hardened?: boolean;
  /** Default `default`; `unconfined` for a privileged container. */
  readonly seccomp?: SeccompOption;
  /** An AppArmor profile of the host, or `unconfined`. Default: the runtime's own, where the host has AppArmor. */
  readonly apparmor?: string;
  /** A SELinux label, on a host that has SELinux; `disable` for none. Default: none. */
  readonly selinux?: SelinuxLabel | "disable";
  /** Paths that the container finds empty. Default: what tells about the host; none for a privileged container. */
  readonly maskedPaths?: readonly string[];
  /** Paths that the container cannot write to. Default: what controls the host; none for a privileged container. */
  readonly readonlyPaths?: readonly string[];
  /** The container may make control groups below its own. Default: false, and true for a privileged container. */
  readonly writableCgroups?: boolean;
  readonly devices?: readonly Device[];
  /** Rules of the device control group, as `c 13:* rwm`: type, major:minor, permissions. */
  readonly deviceCgroupRules?: readonly string[];
  /**
   * `default`, `none` (loopback alone), `host`, `container:<name or id>`, or the name of a network. Default `default`.
   */
  readonly network?: string;
  /**
   * In the place of `network`: several networks, or fixed addresses and further names on one. The first becomes `eth0`
   * and carries the published ports. On every network but `default`, containers find each other by their names.
   */
  readonly networks?: readonly NetworkAttachRequest[];
  readonly namespaces?: Namespaces;
  readonly dns?: Dns;
  readonly extraHosts?: readonly ExtraHost[];
  /** Kernel settings of the container's own namespaces, as `net.core.somaxconn`. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly Ulimit[];
  /** -1000 to 1000: the greater, the sooner the kernel ends the container when memory is short. Default 0. */
  readonly oomScoreAdj?: number;
  /** Where the container's control group stands: a path, or with the systemd driver a slice. */
  readonly cgroupParent?: string;
  /** The size of `/dev/shm` in bytes. Default 64 MiB. */
  readonly shmSize?: number;
  readonly resources?: Resources;
  readonly readOnlyRootfs?: boolean;
  /** A small first process that passes signals on and buries orphans; the command becomes its child. Default false. */
  readonly init?: boolean;
  /** For tools under and over the runtime; handed to the OCI runtime as they are. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What runs the container: `runc`, `crun`, `runsc`, `kata`, a shim such as `io.containerd.runc.v2`, or a name that the runtime was given. */
  readonly runtime?: string;
  /** Default true: a process cannot gain privileges through set-user-id files (`PR_SET_NO_NEW_PRIVS`). */
  readonly noNewPrivileges?: boolean;
  /** Where its output goes. Default: what the runtime was told, or `file`. */
  readonly logging?: Logging;
  /** The signal that `stop` sends first, as `SIGTERM`, `TERM` or a number. Default: the image's, or SIGTERM. */
  readonly stopSignal?: string;
  /** How long `stop` waits before SIGKILL, in milliseconds. Default 10 000. */
  readonly stopTimeoutMs?: number;
  /** Followed while somebody supervises (see `Supervise`). Default `{ name: "no" }`. */
  readonly restartPolicy?: RestartPolicy;
  /** Carried out while somebody supervises. Default: the image's. */
  readonly healthCheck?: HealthCheck;
}

export interface EnvVar {
  readonly name: string;
  readonly value: string;
}

/** Capabilities as `CAP_NET_ADMIN` or `NET_ADMIN`, in any case; `ALL` stands for all of them. */
export interface Capabilities {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  /** Kept by a user that is not root, and over `execve`. Each must be among the container's capabilities. Default: none. */
  readonly ambient?: readonly string[];
}

/**
 * - `creating`: being set up, or its set-up was interrupted
 * - `created`: set up, its process not started
 * - `running`, `paused`
 * - `exited`: its process has ended
 * - `deleting`: being removed, or its removal was interrupted
 * - `unknown`: the runtime could not find out in time (a frozen shim, for example)
 */
export type Phase = "creating" | "created" | "running" | "paused" | "exited" | "deleting" | "unknown";

export interface ContainerStatus {
  readonly phase: Phase;
  readonly id: ID;
  /** What the container's first process is started with: the image's words, where the configuration has none. */
  readonly command?: readonly string[];
  /** The process id of the container's first process on the host, while it lives. */
  readonly pid?: number;
  /** The container's primary address. */
  readonly ip?: string;
  /** The published ports, with the host ports that were chosen. */
  readonly ports?: readonly PortMapping[];
  readonly startedAt?: Date;
  /** 0 to 255; 128 + n for a process that was ended by signal n. Absent while running, and when it is not known. */
  readonly exitCode?: number;
  readonly exitedAt?: Date;
  readonly oomKilled?: boolean;
  /** How often it was started again by itself since it was last started by hand. Absent: never. */
  readonly restartCount?: number;
  /** When it will be started again, while it is down and its restart policy says so. */
  readonly restartAt?: Date;
  /** Of a container that has a health check and was started. */
  readonly health?: Health;
  /** What is wrong with the container, for a person. */
  readonly error?: string;
}
