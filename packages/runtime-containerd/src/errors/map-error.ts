import { isContainerdError, type ContainerdErrorCode } from "@voiyd/containerd-client";
import { RuntimeError, type RuntimeErrorCode } from "@voiyd/runtime-api";

const CODES: Readonly<Record<ContainerdErrorCode, RuntimeErrorCode>> = {
  canceled: "UNAVAILABLE",
  unknown: "INTERNAL",
  invalid_argument: "INVALID_ARGUMENT",
  deadline_exceeded: "TIMEOUT",
  not_found: "NOT_FOUND",
  already_exists: "ALREADY_EXISTS",
  permission_denied: "PERMISSION_DENIED",
  resource_exhausted: "RESOURCE_EXHAUSTED",
  failed_precondition: "FAILED_PRECONDITION",
  aborted: "UNAVAILABLE",
  out_of_range: "FAILED_PRECONDITION",
  unimplemented: "UNIMPLEMENTED",
  internal: "INTERNAL",
  unavailable: "UNAVAILABLE",
  data_loss: "DATA_LOSS",
  unauthenticated: "PERMISSION_DENIED",
};

/** Errors whose code says too little, recognised by what containerd 1.6 to 2.x and runc write. */
const MESSAGES: readonly { readonly pattern: RegExp; readonly code: RuntimeErrorCode; readonly hint?: string }[] = [
  {
    pattern: /no space left on device/i,
    code: "DISK_FULL",
    hint: "free space on the disk that holds containerd's root, or the logs",
  },
  { pattern: /disk quota exceeded/i, code: "DISK_FULL", hint: "the quota of the disk is used up" },
  {
    pattern: /binary not installed|failed to resolve runtime path/i,
    code: "UNIMPLEMENTED",
    hint: "install the runtime's shim",
  },
  {
    pattern: /cannot \w+ (?:a|an|in a) (?:created|running|paused|stopped|deleted) (?:process|container|state)/,
    code: "FAILED_PRECONDITION",
  },
  // The one of two creations at once that came second.
  { pattern: /failed to start shim: mkdir .*: file exists/, code: "ALREADY_EXISTS" },
];

/**
 * Turns what an operation failed with into a `RuntimeError` that names the object. Errors that are designed already,
 * and abort reasons, pass unchanged.
 */
export function mapError(error: unknown, what: string): unknown {
  if (!isContainerdError(error)) return mapSystemError(error, what);
  const known = MESSAGES.find(({ pattern }) => pattern.test(error.message));
  const hint = known?.hint ?? error.hint;
  return new RuntimeError(known?.code ?? CODES[error.code], `${what}: ${error.message}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

const SYSTEM_CODES: Readonly<Record<string, { readonly code: RuntimeErrorCode; readonly hint?: string }>> = {
  ENOSPC: { code: "DISK_FULL", hint: "free space on the disk of the logs and of the runtime's state" },
  EDQUOT: { code: "DISK_FULL", hint: "the quota of the disk is used up" },
  EACCES: { code: "PERMISSION_DENIED" },
  EPERM: { code: "PERMISSION_DENIED" },
  EMFILE: { code: "RESOURCE_EXHAUSTED", hint: "raise the limit of open files (ulimit -n)" },
  ENFILE: { code: "RESOURCE_EXHAUSTED", hint: "raise the host's limit of open files (fs.file-max)" },
  ENOMEM: { code: "RESOURCE_EXHAUSTED" },
};

function mapSystemError(error: unknown, what: string): unknown {
  if (typeof error !== "object" || error === null || error instanceof RuntimeError) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const mapped = code !== undefined && Object.hasOwn(SYSTEM_CODES, code) ? SYSTEM_CODES[code] : undefined;
  if (mapped === undefined) return error;
  const message = "message" in error ? String(error.message) : String(code);
  return new RuntimeError(mapped.code, `${what}: ${message}`, {
    cause: error,
    ...(mapped.hint === undefined ? {} : { hint: mapped.hint }),
  });
}

/** Runs a step of an operation; what it throws comes out mapped. */
export async function mapped<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw mapError(error, what);
  }
}
