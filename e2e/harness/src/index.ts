export { fullDisk, type FullDisk, type FullDiskOptions } from "./host/full-disk.js";
export type { HostPaths } from "./host/host-paths.js";
export { type PrivateHost, type PrivateHostOptions, type Snapshotter, startPrivateHost } from "./host/private-host.js";
export { type SweepOptions, sweepStale } from "./host/sweep-stale.js";
export { buildImage } from "./image/build-image.js";
export { busyboxImage, INDEX_HTML } from "./image/busybox-image.js";
export type {
  BuiltImage,
  BuiltLayer,
  BuiltManifest,
  Descriptor,
  FileFacts,
  FileSpec,
  ImageConfig,
  ImageSpec,
  LayerSpec,
  PlatformSpec,
} from "./image/image-spec.js";
export { packLayout } from "./image/pack-layout.js";
export { hostArchitecture } from "./image/platform.js";
export {
  diffInventory,
  type DiffOptions,
  formatDifference,
  type InventoryDifference,
} from "./inventory/diff-inventory.js";
export {
  expectNoLeaks,
  LeakError,
  type LeakCheckOptions,
  settledDifference,
  withLeakCheck,
  withLeakCheckSince,
} from "./inventory/leak-check.js";
export type { InventoryScope, LeakInventory, LeakKind } from "./inventory/leak-inventory.js";
export { type InventoryOptions, takeInventory } from "./inventory/take-inventory.js";
export { execute, type Execute, ExecuteError, type ExecuteOptions, type ExecuteResult } from "./process/execute.js";
export { type PrivateRegistry, type RegistryVariant, startRegistry } from "./registry/private-registry.js";
export { findProgram } from "./requirements/find-program.js";
export { findStaticBusybox } from "./requirements/static-busybox.js";
export { checkHost, formatMissing, type HostReport, type MissingPiece } from "./requirements/check-host.js";
export { recordedSpecs } from "./host/spec-recorder.js";
export { checkFileModes } from "./invariants/file-modes.js";
export { checkInvariants, type Violation } from "./invariants/check-invariants.js";
export { reboot } from "./host/reboot.js";
export { type Canary, checkCanary, readCanary } from "./invariants/canary.js";
export { checkOwnProcess } from "./invariants/own-process.js";
export { InvariantError, LeakWatch } from "./inventory/leak-watch.js";
