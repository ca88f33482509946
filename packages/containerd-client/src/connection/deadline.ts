import type { DescMethod } from "@bufbuild/protobuf";

/** Unless the caller says otherwise, no call that ought to be short waits longer, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 120_000;

/** Calls that last as long as what they wait for, or as the bytes they move. */
const UNBOUNDED: ReadonlySet<string> = new Set([
  "containerd.services.tasks.v1.Tasks/Wait",
  "containerd.services.tasks.v1.Tasks/Checkpoint",
  "containerd.services.diff.v1.Diff/Apply",
  "containerd.services.diff.v1.Diff/Diff",
  "containerd.services.transfer.v1.Transfer/Transfer",
  "containerd.services.sandbox.v1.Controller/Wait",
]);

/** The deadline of a call, in milliseconds from now; undefined for none. Streams have none of their own. */
export function deadlineOf(method: DescMethod, timeoutMs: number | undefined): number | undefined {
  if (timeoutMs !== undefined) return timeoutMs;
  if (method.methodKind !== "unary" || UNBOUNDED.has(methodName(method))) return undefined;
  return DEFAULT_TIMEOUT_MS;
}

export function methodName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}
