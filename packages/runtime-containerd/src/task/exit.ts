import type { ContainerExit } from "@voiyd/runtime-api";

interface WireExit {
  readonly exitStatus: number;
  readonly exitedAt?: { readonly seconds: bigint; readonly nanos: number } | undefined;
}

/**
 * The exit in an answer of containerd's. An answer without a time of exit (the zero time of Go, in the year 1, or the
 * epoch) is about a process that never ran: its exit code of 0 means nothing.
 */
export function exitFromWire(wire: WireExit): ContainerExit {
  const seconds = wire.exitedAt?.seconds ?? 0n;
  if (seconds <= 0n) return { exitCode: "unknown" };
  const milliseconds = Number(seconds) * 1000 + Math.floor((wire.exitedAt?.nanos ?? 0) / 1_000_000);
  return { exitCode: wire.exitStatus, exitedAt: new Date(milliseconds) };
}
