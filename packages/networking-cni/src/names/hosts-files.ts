import type { Logger } from "@voiyd/logger";
import { RuntimeError } from "@voiyd/runtime-api";
import type { HostLocks } from "../lock/host-lock.js";
import type { HostFacts } from "../netns/host-facts.js";
import { errorMessage } from "../plugin/error-code.js";
import type { ResultAddress } from "../protocol/result.js";
import type { AttachmentNaming, AttachmentRecord } from "../record/attachment-record.js";
import { recordResult } from "../record/record-result.js";
import type { RecordStore } from "../record/record-store.js";
import { mergeHosts, type HostEntry } from "./render-hosts.js";
import { changeInPlace } from "./write-in-place.js";

/** An attachment that has names. */
interface Named {
  readonly record: AttachmentRecord;
  readonly naming: AttachmentNaming;
  readonly addresses: readonly string[];
}

/**
 * Keeps the hosts files of containers on user-defined networks: who attaches or goes is written into those of its peers.
 * The records say who is there, so that every process writes the same; a lock of the host keeps two from writing at once.
 */
export class HostsFiles {
  readonly #records: RecordStore;
  readonly #locks: HostLocks;
  readonly #host: Pick<HostFacts, "bootId">;
  readonly #logger: Logger;

  constructor(records: RecordStore, locks: HostLocks, host: Pick<HostFacts, "bootId">, logger: Logger) {
    this.#records = records;
    this.#locks = locks;
    this.#host = host;
    this.#logger = logger;
  }

  /**
   * Writes the files of the container, and of all that share a network with one of the attachments that have changed.
   * Throws what keeps the container's own from being written; a peer's is only logged. `undefined` for no own one.
   */
  async update(changed: readonly AttachmentRecord[], own: string | undefined, signal: AbortSignal): Promise<void> {
    const named = changed.filter(({ state }) => state?.naming !== undefined);
    if (named.length === 0) return;
    const networks = named.filter(({ state }) => state?.naming?.shared === true).map(({ networkName }) => networkName);
    if (networks.length > 0) return this.#write((name) => networks.includes(name), own, signal);
    // Nobody else's names change, and nobody else writes this file but those who share a network with it.
    const hasFile = named.some(({ state }) => state?.naming?.hostsFile !== undefined);
    if (own !== undefined && hasFile) await this.#writeAlone(own, signal);
  }

  /** Writes all files: for after a crash, when nobody knows which have been. */
  async updateAll(signal?: AbortSignal): Promise<void> {
    await this.#write(() => true, undefined, signal);
  }

  async #writeAlone(containerId: string, signal: AbortSignal): Promise<void> {
    const own = await this.#named((await this.#records.find(containerId)).records);
    if (own.some(({ naming }) => naming.shared)) return this.#write(() => false, containerId, signal);
    await this.#writeOne(own, containerId, true);
  }

  async #write(
    isAffected: (network: string) => boolean,
    own: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const lock = await this.#locks.acquire("hosts", signal);
    try {
      const all = await this.#named((await this.#records.list()).records);
      const affected = new Set(
        all
          .filter(({ record, naming }) => naming.shared && isAffected(record.networkName))
          .map(({ record }) => record.containerId),
      );
      if (own !== undefined) affected.add(own);
      for (const containerId of affected) await this.#writeOne(all, containerId, containerId === own);
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Who has names and is attached, in this boot, in the order of their arrival. */
  async #named(records: readonly AttachmentRecord[]): Promise<readonly Named[]> {
    const bootId = await this.#host.bootId();
    return records
      .flatMap((record): readonly Named[] => {
        const { state } = record;
        const isThere = state?.phase === "attached" && state.bootId === bootId;
        return isThere && state.naming !== undefined
          ? [{ record, naming: state.naming, addresses: addressesOf(record) }]
          : [];
      })
      .toSorted((a, b) => (a.record.state?.createdAt ?? 0) - (b.record.state?.createdAt ?? 0));
  }

  async #writeOne(all: readonly Named[], containerId: string, isOwn: boolean): Promise<void> {
    const mine = all.filter(({ record }) => record.containerId === containerId);
    const path = mine.find(({ naming }) => naming.hostsFile !== undefined)?.naming.hostsFile;
    if (path === undefined) return;
    const shared = mine.filter(({ naming }) => naming.shared).map(({ record }) => record.networkName);
    const peers = all.filter(
      ({ record, naming }) =>
        naming.shared && record.containerId !== containerId && shared.includes(record.networkName),
    );
    try {
      await changeInPlace(path, (text) => mergeHosts(text, [...gateway(mine), ...mine.map(entry)], peers.map(entry)), {
        create: isOwn,
      });
    } catch (error) {
      if (isOwn) {
        throw new RuntimeError("NETWORK_SETUP_FAILED", `container ${containerId}: its hosts file cannot be written`, {
          cause: error,
          hint: `Look at ${path}: its folder must exist, and it must be no link`,
          details: { containerId, path },
        });
      }
      this.#logger.warn("a hosts file cannot be kept", { containerId, path, error: errorMessage(error) });
    }
  }
}

/** `<name>`, `<host name>`, `<alias>`, and each with the network's name behind it. */
function entry({ record, naming, addresses }: Named): HostEntry {
  const names = [...naming.names, ...naming.aliases];
  const qualified = naming.shared ? names.map((name) => `${name}.${record.networkName}`) : [];
  return { addresses, names: [...names, ...qualified] };
}

/** The container's way to its host: the gateway of its first network that has one. */
function gateway(mine: readonly Named[]): readonly HostEntry[] {
  const ordered = mine.toSorted((a, b) => (a.record.state?.index ?? 0) - (b.record.state?.index ?? 0));
  const addresses = ordered.flatMap(({ record }) => ipsOf(record).flatMap(({ gateway: address }) => address ?? []));
  return [{ addresses: addresses.slice(0, 1), names: mine[0]?.naming.gatewayNames ?? [] }];
}

/** The addresses in the container, IPv4 before IPv6: what looks up a name takes the first that fits. */
function addressesOf(record: AttachmentRecord): readonly string[] {
  const addresses = ipsOf(record).map(({ address }) => address.split("/")[0] ?? "");
  const isIpv6 = (address: string): boolean => address.includes(":");
  return [...addresses.filter((address) => !isIpv6(address)), ...addresses.filter(isIpv6)];
}

function ipsOf(record: AttachmentRecord): readonly ResultAddress[] {
  return recordResult(record, record.state?.cniVersion ?? "").ips;
}
