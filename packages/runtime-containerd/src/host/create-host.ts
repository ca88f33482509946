import { runCommand } from "./command.js";
import { type HostFacts, readBootId, readHostFacts } from "./facts.js";
import { createFileStore } from "./file-store.js";
import type { Host } from "./host.js";
import { isHostLockHeld, withHostLock } from "./host-lock.js";
import { OverlayOpacity } from "../snapshot/overlay-opacity.js";
import { createProcessIdentity } from "./process-identity.js";

/** This machine. Throws on a system that is not Linux. */
export function createHost(): Host {
  let facts: HostFacts | undefined;
  return {
    files: createFileStore(),
    // Read by those alone that make containers: two dozen files, and a tenth of the time of a short command.
    get facts() {
      return (facts ??= readHostFacts());
    },
    lock: withHostLock,
    isLocked: isHostLockHeld,
    command: runCommand,
    processes: createProcessIdentity(readBootId()),
    opacity: new OverlayOpacity(runCommand),
  };
}
