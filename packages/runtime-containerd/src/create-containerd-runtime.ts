import { join } from "node:path";
import type { ContainerdClient } from "@voiyd/containerd-client";
import { type Logger, silentLogger } from "@voiyd/logger";
import { createRegistrySource, type ImageSource } from "@voiyd/oci-registry";
import { invalid, type Logging, type NetworkManager } from "@voiyd/runtime-api";
import { KeyedLock } from "./concurrency/keyed-lock.js";
import { ContainerdRuntime } from "./containerd-runtime.js";
import type { RuntimeContext } from "./context.js";
import { createHost } from "./host/create-host.js";
import { TaskFolders } from "./host/task-folders.js";
import type { Host } from "./host/host.js";
import { RecentCache } from "./cache/recent-cache.js";
import { LogGuard } from "./io/log-guard.js";
import { LogProcess } from "./log-process/log-process.js";
import type { ProgramCommand } from "./log-process/program-command.js";
import { RuntimeFeatures } from "./request/runtime-features.js";
import type { ShimRuntime } from "./request/shim.js";
import type { CgroupDriver } from "./spec/cgroup-path.js";
import type { PullBackend, TransferOptions } from "./transfer/transfer-options.js";
import { ExitWatcher } from "./task/exit-watcher.js";
import { VolumeStore } from "./volume/volume-store.js";

export interface ContainerdRuntimeOptions {
  /** Default: the client's. */
  readonly namespace?: string;
  /** Where containers' output is kept; `%s` stands for the name. Default {@link DEFAULT_LOG_DIR_FMT}. */
  readonly logDirFmt?: string;
  /** The size in bytes at which a log file is put aside, to be looked at every ten seconds. Default 10 MiB. */
  readonly logMaxBytes?: number;
  /** How containers log that do not say so themselves. Default `file`. */
  readonly logging?: Logging;
  /** For what a container needs of the host beside its snapshot. Default {@link DEFAULT_STATE_DIR}. */
  readonly stateDir?: string;
  readonly logger?: Logger;
  /** Where images come from. Default: the registries that references name, without credentials. */
  readonly imageSource?: ImageSource;
  /** Who pulls images. Default `client`, which works with every containerd. */
  readonly pullBackend?: PullBackend;
  /** For pulls that the daemon makes. */
  readonly transfer?: TransferOptions;
  /** Containerd's snapshotter. Default `overlayfs`. */
  readonly snapshotter?: string;
  /** Containerd's runtime shim. Default `io.containerd.runc.v2`. */
  readonly shim?: string;
  /** OCI runtimes and shims by the names that requests may use, beside `runc`, `crun`, `runsc` and `kata`. */
  readonly runtimes?: Readonly<Record<string, ShimRuntime>>;
  /** Who makes control groups. Default `cgroupfs`. */
  readonly cgroupDriver?: CgroupDriver;
  /** Where volumes with names are kept. Default: `volumes/<namespace>` in the `stateDir`. */
  readonly volumeDir?: string;
  /**
   * Whether what can be known by a faster way is (default): all tasks from one call, the end of a log from its being
   * closed. With false, each task is asked, and a log has ended when it has been quiet. What is answered is the same.
   */
  readonly shortcuts?: boolean;
  /**
   * Whether the runtime's first call looks, in the background, for what dead processes have left half made (default). What
   * it does is what `recover` does with containers, names and networks.
   */
  readonly recoverOnOpen?: boolean;
  /**
   * How the log process is started: a program and its first arguments, before its role and its folder. For programs that
   * have it within themselves, as one file; they run it with `runLogProcess`. Default: Node.js, with the file of this package.
   */
  readonly logProgram?: ProgramCommand;
  /** The machine, for tests that observe or break it. */
  readonly host?: Host;
}

/** The Go runtime's folder. */
export const DEFAULT_LOG_DIR_FMT = "/var/lib/voiyd/containers/%s/log";
export const DEFAULT_STATE_DIR = "/var/lib/voiyd/state";
const DEFAULT_LOGGING: Logging = { driver: "file" };
const DEFAULT_LOG_MAX_BYTES = 10 * 1024 * 1024;

/**
 * A runtime over a containerd on this host, with networks from `network`. Touches nothing until its first call. The
 * client and the network manager stay the caller's: dispose of them after the runtime.
 *
 * Throws `INVALID_ARGUMENT` for a `logDirFmt` in which containers would share a folder.
 */
export function createContainerdRuntime(
  client: ContainerdClient,
  network: NetworkManager,
  options: ContainerdRuntimeOptions = {},
): ContainerdRuntime {
  const logDirFmt = options.logDirFmt ?? DEFAULT_LOG_DIR_FMT;
  if (!logDirFmt.startsWith("/") || !logDirFmt.includes("%s")) {
    throw invalid("logDirFmt", logDirFmt, "an absolute path with %s for the container's name");
  }
  const { logProgram } = options;
  const namespace = options.namespace ?? client.scope.namespace;
  const host = options.host ?? createHost();
  const stateDir = options.stateDir ?? DEFAULT_STATE_DIR;
  const exits = new ExitWatcher(() => context);
  const logs = new LogGuard(() => context, { maxBytes: options.logMaxBytes ?? DEFAULT_LOG_MAX_BYTES });
  const context: RuntimeContext = {
    client: client.with({ namespace }),
    network,
    namespace,
    logDirFmt,
    exits,
    logs,
    logProcess: new LogProcess(stateDir, host.lock, logProgram === undefined ? undefined : () => logProgram),
    logging: options.logging ?? DEFAULT_LOGGING,
    stateDir,
    logger: options.logger ?? silentLogger,
    imageSource: options.imageSource ?? createRegistrySource(),
    pullBackend: options.pullBackend ?? "client",
    transfer: options.transfer ?? {},
    snapshotter: options.snapshotter ?? "overlayfs",
    shim: options.shim ?? "io.containerd.runc.v2",
    host,
    runtimes: new Map(Object.entries(options.runtimes ?? {})),
    cgroupDriver: options.cgroupDriver ?? "cgroupfs",
    features: new RuntimeFeatures(host),
    shortcuts: options.shortcuts ?? true,
    volumes: new VolumeStore({
      directory: options.volumeDir ?? join(stateDir, "volumes", namespace),
      files: host.files,
      lock: host.lock,
    }),
    taskFolders: new TaskFolders(() => context),
    making: new Set(),
    removing: new Set(),
    documents: new RecentCache(),
    users: new RecentCache(),
    unpacking: new KeyedLock(),
  };
  return new ContainerdRuntime(context, options.recoverOnOpen ?? true);
}
