import type { CommandRunner } from "./command.js";
import type { HostFacts } from "./facts.js";
import type { FileStore } from "./file-store.js";
import type { HostLock, HostLockProbe } from "./host-lock.js";
import type { OverlayOpacity } from "../snapshot/overlay-opacity.js";
import type { ProcessIdentity } from "./process-identity.js";

/** Everything of the machine that the runtime touches beside containerd. The seam where tests observe and break it. */
export interface Host {
  readonly files: FileStore;
  readonly facts: HostFacts;
  readonly lock: HostLock;
  readonly isLocked: HostLockProbe;
  readonly command: CommandRunner;
  readonly processes: ProcessIdentity;
  /** What hides what among the layers of images. */
  readonly opacity: OverlayOpacity;
}
