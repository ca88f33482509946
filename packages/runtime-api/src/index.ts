export type { ID } from "./id.js";
export type {
  Capabilities,
  Container,
  ContainerConfig,
  ContainerMeta,
  ContainerRef,
  ContainerRequest,
  ContainerStatus,
  EnvVar,
  Labels,
  Phase,
} from "./container.js";
export type { CdiDevice, Device, DeviceNode } from "./device.js";
export type { Health, HealthCheck, HealthProbe } from "./health.js";
export type { Dns, ExtraHost } from "./dns.js";
export type { LocalLogging, LogDetails, Logging } from "./logging.js";
export type { BindMount, Mount, TmpfsMount, VolumeMount, VolumesFrom } from "./mount.js";
export type { IdMapping, Namespaces, UserNamespace } from "./namespaces.js";
export type { PortMapping, PortProtocol } from "./port-mapping.js";
export type { RestartPolicy } from "./restart-policy.js";
export type { BlockIO, DeviceRate, HugePageLimit, Resources } from "./resources.js";
export type { SeccompOption, SelinuxLabel, Ulimit } from "./security.js";
export type { PullProgress } from "./progress.js";
export type {
  ContainerIO,
  IOOptions,
  KillOptions,
  ListOptions,
  OperationOptions,
  PullOptions,
  RunOptions,
  Runtime,
  StopOptions,
} from "./runtime.js";
export type {
  AttachedInterface,
  Attachment,
  AttachRequest,
  InterfaceAddress,
  NetworkAttachOptions,
  NetworkManager,
  PortRequest,
} from "./network-manager.js";
export type { NetworkAttachRequest } from "./network-attach-request.js";
export type { RuntimeErrorCode } from "./error-code.js";
export type { RuntimeErrorDetails, RuntimeErrorOptions } from "./runtime-error.js";
export type { ContainerExit, Wait, WaitOptions } from "./capabilities/wait.js";
export type { Image, Images, RemoveImageOptions } from "./capabilities/images.js";
export type { ImageArchives, SaveImagesOptions } from "./capabilities/image-archives.js";
export type {
  ImageDetails,
  ImageHistoryEntry,
  ImageInspection,
  ImageLayer,
  ImageRunConfig,
  InspectImageOptions,
} from "./capabilities/image-inspection.js";
export type { ImagePruneReport, ImagePruning, PruneImagesOptions, PruneVerdict } from "./capabilities/image-pruning.js";
export type { ImagePush, PushedImage, PushImageOptions, PushProgress } from "./capabilities/image-push.js";
export type { ImageTags } from "./capabilities/image-tags.js";
export type { ImageProblem, ImageVerification } from "./capabilities/image-verification.js";
export type { Attach, AttachOptions, AttachSession } from "./capabilities/attach.js";
export type { Commit, CommitOptions } from "./capabilities/commit.js";
export type { Export } from "./capabilities/export.js";
export type { Diff, FileChange } from "./capabilities/diff.js";
export type { Copy, CopyToOptions, PathStat } from "./capabilities/copy.js";
export type {
  ContainerUsage,
  DiskUsage,
  DiskUsageReport,
  ImageUsage,
  LooseUsage,
  VolumeUsage,
} from "./capabilities/disk-usage.js";
export type {
  PruneVolumesOptions,
  VolumePruneReport,
  VolumePruning,
  VolumeVerdict,
} from "./capabilities/volume-pruning.js";
export type { ContainerChanges, Edit } from "./capabilities/edit.js";
export type { LogEntry, Logs, LogsOptions } from "./capabilities/logs.js";
export type { ContainerAction, ContainerEvent, EventFilters, Events, EventsOptions } from "./capabilities/events.js";
export type { Lifecycle } from "./capabilities/lifecycle.js";
export type { Pause } from "./capabilities/pause.js";
export type { Audit, AuditFinding, AuditReport } from "./capabilities/audit.js";
export type {
  Recover,
  RecoverFailure,
  RecoverOptions,
  RecoverReport,
  Remnant,
  RemnantKind,
} from "./capabilities/recover.js";
export type { NetworkRecoverOptions, NetworkRecoverReport, NetworkRecovery } from "./network-recovery.js";
export type { Supervise, SuperviseOptions, Supervision } from "./capabilities/supervise.js";
export type { ContainerStats, Stats, StatsOptions } from "./capabilities/stats.js";
export type { ContainerProcess, Top } from "./capabilities/top.js";
export type { Exec, ExecProcess, ExecRequest, TerminalSize } from "./capabilities/exec.js";
export type { ParsedDeviceRule } from "./validation/devices.js";
export type { ParsedUser } from "./validation/user.js";

export { CONTAINER_VERSION, DEFAULT_NAMESPACE, DEFAULT_NETWORK, ID_MAX_LEN } from "./constants.js";
export { generateId, isId } from "./id.js";
export { RUNTIME_ERROR_CODES } from "./error-code.js";
export { isRuntimeError, RuntimeError } from "./runtime-error.js";
export { canAttach } from "./capabilities/attach.js";
export { canCommit } from "./capabilities/commit.js";
export { canExport } from "./capabilities/export.js";
export { canDiff } from "./capabilities/diff.js";
export { canCopy } from "./capabilities/copy.js";
export { hasDiskUsage } from "./capabilities/disk-usage.js";
export { canPruneVolumes } from "./capabilities/volume-pruning.js";
export { canEdit } from "./capabilities/edit.js";
export { hasLogs } from "./capabilities/logs.js";
export { matchesEvent } from "./capabilities/event-filters.js";
export { CONTAINER_ACTIONS, hasEvents } from "./capabilities/events.js";
export { hasLifecycle } from "./capabilities/lifecycle.js";
export { canPause } from "./capabilities/pause.js";
export { canAudit } from "./capabilities/audit.js";
export { canRecover } from "./capabilities/recover.js";
export { canRecoverNetworks } from "./network-recovery.js";
export { canSupervise } from "./capabilities/supervise.js";
export { hasStats } from "./capabilities/stats.js";
export { hasTop } from "./capabilities/top.js";
export { canExec } from "./capabilities/exec.js";
export { canWait } from "./capabilities/wait.js";
export { hasImages } from "./capabilities/images.js";
export { hasImageArchives } from "./capabilities/image-archives.js";
export { canInspectImages } from "./capabilities/image-inspection.js";
export { canPruneImages } from "./capabilities/image-pruning.js";
export { canPushImages } from "./capabilities/image-push.js";
export { canTagImages } from "./capabilities/image-tags.js";
export { canVerifyImages } from "./capabilities/image-verification.js";
export { assertContainerRequest } from "./validation/container-request.js";
export { assertHealthCheck } from "./validation/health-check.js";
export { assertRestartPolicy } from "./validation/restart-policy.js";
export { assertContainerName, isContainerName, NAME_MAX_LEN } from "./validation/name.js";
export { assertLabels, isReservedLabel, LABEL_MAX_BYTES, RESERVED_LABEL_PREFIXES } from "./validation/labels.js";
export { CAPABILITY_NAMES, parseCapability } from "./validation/capabilities.js";
export { parseDeviceRule } from "./validation/devices.js";
export { isHostName } from "./validation/dns.js";
export { isVolumeName } from "./validation/mounts.js";
export { ULIMIT_NAMES } from "./validation/ulimits.js";
export { assertExecRequest, assertTerminalSize } from "./validation/exec-request.js";
export { parseSignal } from "./validation/signal.js";
export { MAX_UID, parseUser } from "./validation/user.js";
export { invalid } from "./validation/invalid.js";
