import { isContainerdError } from "@voiyd/containerd-client";
import { RuntimeError, type RuntimeErrorCode } from "@voiyd/runtime-api";

/** The daemon's own pull says what went wrong in words alone: its codes are those of the step that failed. */
const WORDS: readonly { readonly pattern: RegExp; readonly code: RuntimeErrorCode }[] = [
  { pattern: /no space left on device|disk quota exceeded/i, code: "DISK_FULL" },
  {
    pattern: /\b40[13] (?:Unauthorized|Forbidden)|authorization failed|insufficient_scope|no basic auth credentials/i,
    code: "REGISTRY_UNAUTHORIZED",
  },
  { pattern: /\b429\b|too ?many ?requests/i, code: "REGISTRY_RATE_LIMITED" },
  { pattern: /no match for platform|no manifest found for platform/i, code: "IMAGE_PLATFORM_MISMATCH" },
  {
    pattern: /unexpected commit (?:digest|size)|failed size validation|wrong diff id|digest mismatch/i,
    code: "DIGEST_MISMATCH",
  },
  { pattern: /failed to extract layer|schema 1 image|unsupported manifest/i, code: "IMAGE_INVALID" },
  { pattern: /connection refused|no such host|network is unreachable|i\/o timeout/i, code: "UNAVAILABLE" },
  { pattern: /unexpected status|http: server gave|x509:|tls:/i, code: "REGISTRY_ERROR" },
];

/** What a transfer failed with, as the error that our own pull would have failed with. Others pass unchanged. */
export function transferError(error: unknown, name: string): unknown {
  if (!isContainerdError(error) || error.connection) return error;
  const code =
    WORDS.find(({ pattern }) => pattern.test(error.message))?.code ??
    (error.code === "not_found" ? "IMAGE_NOT_FOUND" : undefined);
  if (code === undefined) return error;
  return new RuntimeError(code, `image ${name}: ${error.message}`, { details: { image: name }, cause: error });
}
