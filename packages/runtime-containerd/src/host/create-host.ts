import { runCommand } from "./command.js";
import { readHostFacts } from "./facts.js";
import { createFileStore } from "./file-store.js";
import type { Host } from "./host.js";
import { isHostLockHeld, withHostLock } from "./host-lock.js";
import { OverlayOpacity } from "../snapshot/overlay-opacity.js";
import { createProcessIdentity } from "./process-identity.js";

/** This machine. Throws on a system that is not Linux. */
export function createHost(): Host {
  const facts = readHostFacts();
  return {
    files: createFileStore(),
    facts,
    lock: withHostLock,
    isLocked: isHostLockHeld,
    command: runCommand,
    processes: createProcessIdentity(facts.bootId),
    opacity: new OverlayOpacity(runCommand),
  };
}
