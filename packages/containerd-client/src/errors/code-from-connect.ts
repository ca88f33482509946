import { Code } from "@connectrpc/connect";
import type { ContainerdErrorCode } from "./error-code.js";

/** By gRPC's number, which Connect's codes share. */
const CODES: ReadonlyMap<number, ContainerdErrorCode> = new Map<number, ContainerdErrorCode>([
  [Code.Canceled, "canceled"],
  [Code.Unknown, "unknown"],
  [Code.InvalidArgument, "invalid_argument"],
  [Code.DeadlineExceeded, "deadline_exceeded"],
  [Code.NotFound, "not_found"],
  [Code.AlreadyExists, "already_exists"],
  [Code.PermissionDenied, "permission_denied"],
  [Code.ResourceExhausted, "resource_exhausted"],
  [Code.FailedPrecondition, "failed_precondition"],
  [Code.Aborted, "aborted"],
  [Code.OutOfRange, "out_of_range"],
  [Code.Unimplemented, "unimplemented"],
  [Code.Internal, "internal"],
  [Code.Unavailable, "unavailable"],
  [Code.DataLoss, "data_loss"],
  [Code.Unauthenticated, "unauthenticated"],
]);

export function errorCodeFromConnect(code: number): ContainerdErrorCode {
  return CODES.get(code) ?? "unknown";
}
