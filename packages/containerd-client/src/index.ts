export type { ContainerdClientOptions } from "./client.js";
export type { CallOptions, ServiceClient } from "./service-client.js";
export type { Scope } from "./connection/scope.js";
export type { ContainerdErrorCode } from "./errors/error-code.js";
export type { ContainerdErrorOptions } from "./errors/containerd-error.js";
export type { Container } from "./gen/containerd/services/containers/v1/containers_pb.js";
export type { WriteContentRequest, WriteContentResponse } from "./gen/containerd/services/content/v1/content_pb.js";
export type { Image } from "./gen/containerd/services/images/v1/images_pb.js";
export type { Lease } from "./gen/containerd/services/leases/v1/leases_pb.js";
export type { Descriptor } from "./gen/containerd/types/descriptor_pb.js";
export type { Mount } from "./gen/containerd/types/mount_pb.js";
export type { Metric } from "./gen/containerd/types/metrics_pb.js";
export type { Envelope } from "./gen/containerd/types/event_pb.js";
export type { Process } from "./gen/containerd/v1/types/task_pb.js";

export { ContainerdClient, DEFAULT_ADDRESS } from "./client.js";
export { DEFAULT_TIMEOUT_MS } from "./connection/deadline.js";
export { ContainerdError, isContainerdError } from "./errors/containerd-error.js";
export { waitAtShim } from "./shim/wait-at-shim.js";
export { packAny, packJson, unpackAny, unpackJson } from "./any/pack.js";
export { bareTypeUrl } from "./any/type-url.js";
export { WriteAction } from "./gen/containerd/services/content/v1/content_pb.js";
export { Kind as SnapshotKind } from "./gen/containerd/services/snapshots/v1/snapshots_pb.js";
export { Status as TaskStatus } from "./gen/containerd/v1/types/task_pb.js";
export { OptionsSchema as RuncOptionsSchema } from "./gen/containerd/runc/v1/options_pb.js";
export { MetricsSchema as CgroupV1MetricsSchema } from "./gen/io/containerd/cgroups/v1/metrics_pb.js";
export { MetricsSchema as CgroupV2MetricsSchema } from "./gen/io/containerd/cgroups/v2/metrics_pb.js";
export {
  ContainerCreateSchema,
  ContainerDeleteSchema,
  ContainerUpdateSchema,
} from "./gen/containerd/events/container_pb.js";
export {
  TaskDeleteSchema,
  TaskExecAddedSchema,
  TaskExecStartedSchema,
  TaskExitSchema,
  TaskOOMSchema,
  TaskPausedSchema,
  TaskResumedSchema,
  TaskStartSchema,
} from "./gen/containerd/events/task_pb.js";
