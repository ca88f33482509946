/**
 * Every way in which an operation can fail. The union is closed: callers may switch over it exhaustively, and a new
 * member is a new minor release.
 */
export type RuntimeErrorCode = (typeof RUNTIME_ERROR_CODES)[number];

export const RUNTIME_ERROR_CODES = [
  // About the request
  "INVALID_ARGUMENT",
  "AMBIGUOUS_ID",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "NAME_IN_USE",
  "PORT_IN_USE",
  "FAILED_PRECONDITION",
  "UNIMPLEMENTED",
  // About images and registries
  "IMAGE_NOT_FOUND",
  "IMAGE_INVALID",
  "IMAGE_PLATFORM_MISMATCH",
  "DIGEST_MISMATCH",
  "REGISTRY_UNAUTHORIZED",
  "REGISTRY_RATE_LIMITED",
  "REGISTRY_ERROR",
  // About what runs
  "COMMAND_NOT_FOUND",
  "COMMAND_NOT_EXECUTABLE",
  "USER_NOT_FOUND",
  "STOP_TIMEOUT",
  // About networks
  "NETWORK_NOT_FOUND",
  "NETWORK_CONFIG_INVALID",
  "NETWORK_SETUP_FAILED",
  "NETWORK_TEARDOWN_FAILED",
  "NETWORK_ADDRESSES_EXHAUSTED",
  "PLUGIN_NOT_FOUND",
  // About the host and the daemon
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "DISK_FULL",
  "UNAVAILABLE",
  "TIMEOUT",
  "CLEANUP_INCOMPLETE",
  "DATA_LOSS",
  "INTERNAL",
] as const;
