import type { ContainerdClient } from "@voiyd/containerd-client";
import type { Logger } from "@voiyd/logger";
import type { ImageSource } from "@voiyd/oci-registry";
import type { Logging, NetworkManager } from "@voiyd/runtime-api";
import type { Host } from "./host/host.js";
import type { TaskFolders } from "./host/task-folders.js";
import type { RecentCache } from "./cache/recent-cache.js";
import type { ImageDocuments } from "./image/image-documents.js";
import type { KeyedLock } from "./concurrency/keyed-lock.js";
import type { LogGuard } from "./io/log-guard.js";
import type { LogProcess } from "./log-process/log-process.js";
import type { RuntimeFeatures } from "./request/runtime-features.js";
import type { ShimRuntime } from "./request/shim.js";
import type { CgroupDriver } from "./spec/cgroup-path.js";
import type { SpecUser } from "./spec/oci.js";
import type { PullBackend, TransferOptions } from "./transfer/transfer-options.js";
import type { ExitWatcher } from "./task/exit-watcher.js";
import type { VolumeStore } from "./volume/volume-store.js";

/** What every operation of a runtime works with. Nothing in it changes during the runtime's life. */
export interface RuntimeContext {
  readonly client: ContainerdClient;
  readonly network: NetworkManager;
  readonly imageSource: ImageSource;
  readonly pullBackend: PullBackend;
  readonly transfer: TransferOptions;
  readonly logger: Logger;
  readonly host: Host;
  readonly namespace: string;
  readonly snapshotter: string;
  /** The runtime shim, as `io.containerd.runc.v2`. */
  readonly shim: string;
  readonly logDirFmt: string;
  readonly stateDir: string;
  /** What requests may name as their runtime, beside the well-known ones. */
  readonly runtimes: ReadonlyMap<string, ShimRuntime>;
  readonly cgroupDriver: CgroupDriver;
  readonly features: RuntimeFeatures;
  readonly volumes: VolumeStore;
  /** Whether faster ways to the same answers are taken. */
  readonly shortcuts: boolean;
  /** What containerd itself keeps in files for each task. */
  readonly taskFolders: TaskFolders;
  /** The containers that this process is making just now. */
  readonly making: Set<string>;
  /** Those that it is removing. */
  readonly removing: Set<string>;
  readonly exits: ExitWatcher;
  readonly logs: LogGuard;
  /** The host's log process, which is started when it is needed. */
  readonly logProcess: LogProcess;
  /** How containers log that do not say so themselves. */
  readonly logging: Logging;
  /** Of images, by their digest. */
  readonly documents: RecentCache<ImageDocuments>;
  /** See `run/image-user`. */
  readonly users: RecentCache<SpecUser>;
  /** By chain id: one unpacks, the others wait for it. */
  readonly unpacking: KeyedLock;
}

/** The container's id on the host, unique over all containerd namespaces: its network and its files are kept by it. */
export function hostId(context: Pick<RuntimeContext, "namespace">, id: string): string {
  return `${context.namespace}-${id}`;
}
