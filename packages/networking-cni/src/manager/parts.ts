import type { Logger } from "@voiyd/logger";
import type { Networks } from "../config/networks.js";
import type { FindPublished } from "../firewall/find-published.js";
import type { Firewall } from "../firewall/firewall.js";
import type { LeanMode } from "../lean/lean-mode.js";
import type { HostLinks } from "../host/host-links.js";
import type { FileLock } from "../lock/file-lock.js";
import type { HostGate } from "../lock/host-gate.js";
import type { HostLocks } from "../lock/host-lock.js";
import type { HostsFiles } from "../names/hosts-files.js";
import type { HostFacts } from "../netns/host-facts.js";
import type { Namespaces } from "../netns/namespaces.js";
import type { PluginExecutor } from "../plugin/executor.js";
import type { VersionProbe } from "../plugin/version-probe.js";
import type { ReadSockets } from "../ports/sockets-in-way.js";
import type { RecordStore } from "../record/record-store.js";
import type { ReadHostStatus } from "../status/host-status.js";
import type { PrimedNetworks } from "./primed-networks.js";
import type { Slots } from "./slots.js";

/** What the manager is put together from; each part can be replaced in a test. */
export interface ManagerParts {
  readonly networks: Networks;
  readonly executor: PluginExecutor;
  readonly probe: VersionProbe;
  readonly records: RecordStore;
  readonly hosts: HostsFiles;
  readonly namespaces: Namespaces;
  readonly locks: HostLocks;
  /** Every operation on a container is inside; what needs the host for itself closes it. */
  readonly gate: HostGate;
  readonly fileLock: FileLock;
  readonly links: HostLinks;
  readonly readHost: ReadHostStatus;
  readonly host: HostFacts;
  readonly firewall: Firewall;
  readonly findPublished: FindPublished;
  readonly lean: LeanMode;
  readonly primed: PrimedNetworks;
  readonly slots: Slots;
  readonly logger: Logger;
  readonly sockets: ReadSockets;
  readonly binDirs: () => Promise<readonly string[]>;
  readonly random: () => number;
  readonly now: () => number;
  readonly timeouts: Timeouts;
}

/** In milliseconds. */
export interface Timeouts {
  /** For attach as a whole. */
  readonly attachMs: number;
  /** For detach as a whole, and for the rollback of a failed attach. */
  readonly detachMs: number;
  /** How long a plugin may go on after an abort, before it is ended. */
  readonly graceMs: number;
  /** How long plugins of a process that died are waited for, before they are ended. */
  readonly outlivedMs: number;
}
