import { availableParallelism } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voiyd/logger";
import { defaultNetwork } from "../config/default-network.js";
import { Networks } from "../config/networks.js";
import { findPublished } from "../firewall/find-published.js";
import { IptablesFirewall } from "../firewall/firewall.js";
import { legacyNat } from "../firewall/legacy-tables.js";
import { LeanMode } from "../lean/lean-mode.js";
import { LeanPorts } from "../lean/lean-ports.js";
import { LeanRules } from "../lean/lean-rules.js";
import { Nft } from "../lean/nft.js";
import { IpHostLinks } from "../host/host-links.js";
import { withFileLock } from "../lock/file-lock.js";
import { HostGate } from "../lock/host-gate.js";
import { HostLocks } from "../lock/host-lock.js";
import { HostsFiles } from "../names/hosts-files.js";
import { ProcHostFacts } from "../netns/host-facts.js";
import { PinnedNamespaces } from "../netns/pinned-namespaces.js";
import { DEFAULT_BIN_DIRS, existingDirs } from "../plugin/bin-dirs.js";
import { InlineExecutor, type PluginExecutor } from "../plugin/executor.js";
import { runProcess } from "../plugin/run-process.js";
import { VersionProbe } from "../plugin/version-probe.js";
import { socketsInWay } from "../ports/sockets-in-way.js";
import { RecordStore } from "../record/record-store.js";
import { hostStatusReader } from "../status/host-status.js";
import { CniManager, type CniNetworkManager } from "./cni-network-manager.js";
import { leanOwners } from "./lean-owners.js";
import type { NetworkManagerOptions } from "./options.js";
import type { ManagerParts } from "./parts.js";
import { PrimedNetworks } from "./primed-networks.js";
import { Slots } from "./slots.js";

/**
 * A network manager over CNI plugins. Nothing is read, written or started before its first use. Throws
 * `INVALID_ARGUMENT` for options that make no sense.
 */
export function createNetworkManager(options: NetworkManagerOptions = {}): CniNetworkManager {
  return new CniManager(createParts(options));
}

/** How long `ip` may take to tell what the host has, before the first list is written. */
const LOOK_MS = 10_000;

/** The real parts. */
export function createParts(options: NetworkManagerOptions): ManagerParts {
  const {
    cacheDir = "/var/lib/cni",
    netnsDir = "/run/voiyd/netns",
    confDir = "/etc/cni/net.d",
    logger = silentLogger,
  } = options;
  const host = new ProcHostFacts();
  const locks = new HostLocks(cacheDir);
  const records = new RecordStore(cacheDir);
  const executor: PluginExecutor = options.executor ?? new InlineExecutor();
  const run = executor.run ?? runProcess;
  const network = defaultNetwork(options.defaultNetwork);
  const links = new IpHostLinks(run);
  const used = (): ReturnType<IpHostLinks["usedSubnets"]> => links.usedSubnets(AbortSignal.timeout(LOOK_MS));
  const networks = new Networks(confDir, network, logger, used);
  const nft = new Nft(run);
  const firewall = new IptablesFirewall(run);
  return {
    networks,
    executor,
    probe: new VersionProbe(executor),
    records,
    hosts: new HostsFiles(records, locks, host, logger),
    namespaces: new PinnedNamespaces(netnsDir, run, host),
    locks,
    gate: new HostGate(locks, cacheDir),
    fileLock: withFileLock,
    links,
    readHost: hostStatusReader(run),
    host,
    firewall,
    findPublished: findPublished({ nft, firewall, legacyNat, logger }),
    lean: new LeanMode({
      network,
      rules: new LeanRules(nft, run, locks),
      ports: new LeanPorts(nft),
      lists: () => networks.list(),
      owners: (table) => leanOwners({ records, host }, table),
      logger,
    }),
    primed: new PrimedNetworks(join(cacheDir, "voiyd-primed"), locks, host),
    slots: new Slots(options.concurrency ?? Math.max(2, availableParallelism())),
    logger,
    sockets: socketsInWay,
    binDirs: () => existingDirs(options.binDirs ?? DEFAULT_BIN_DIRS),
    random: Math.random,
    now: Date.now,
    timeouts: { attachMs: 60_000, detachMs: 60_000, graceMs: 2000, outlivedMs: 10_000, ...options.timeouts },
  };
}
