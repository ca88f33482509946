export type { ContainerdRuntimeOptions } from "./create-containerd-runtime.js";
export type { ProgramCommand } from "./log-process/program-command.js";
export type { Host } from "./host/host.js";
export type { PullBackend, TransferOptions } from "./transfer/transfer-options.js";
export type { ShimRuntime } from "./request/shim.js";
export type { CgroupDriver } from "./spec/cgroup-path.js";
export type { PackFilesOptions, UnpackFilesOptions } from "./files/local-files.js";
export type { HostFacts } from "./host/facts.js";

export { ContainerdRuntime } from "./containerd-runtime.js";
export { createContainerdRuntime, DEFAULT_LOG_DIR_FMT, DEFAULT_STATE_DIR } from "./create-containerd-runtime.js";
export { createHost } from "./host/create-host.js";
export { packFiles, unpackFiles } from "./files/local-files.js";
