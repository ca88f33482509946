import type { Logger } from "@voiyd/logger";
import { RuntimeError } from "@voiyd/runtime-api";
import type { DefaultNetwork } from "../config/default-network.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { isolatedBridges, leanList, leanNetworkOf, leanTable, type LeanNetwork } from "./lean-network.js";
import type { LeanPorts, PortOwner } from "./lean-ports.js";
import type { LeanRules } from "./lean-rules.js";

/** What lean mode is put together from. */
export interface LeanModeParts {
  readonly network: DefaultNetwork;
  readonly rules: LeanRules;
  readonly ports: LeanPorts;
  /** All networks of the host: some have to be kept apart. */
  readonly lists: () => Promise<readonly NetworkConfigList[]>;
  /** All records, and how each one's ports are known. */
  readonly owners: (table: string) => Promise<readonly PortOwner[]>;
  readonly logger: Logger;
}

/**
 * The lean mode of the default network: its bridge plugin alone, static nft rules instead of rules for each container,
 * published ports as elements of nft maps. Records say by their configuration that they were made in lean mode, so that
 * a manager in another mode undoes them as well.
 */
export class LeanMode {
  readonly #parts: LeanModeParts;
  /** Why this host cannot have it, once that is known. */
  #problem: string | undefined;
  /** The rules have been in force; whether they still are is looked at while the plugins run. */
  #possible = false;
  /** Bridges that the rules are known to know. */
  readonly #apart = new Set<string>();

  constructor(parts: LeanModeParts) {
    this.#parts = parts;
  }

  /**
   * The list to attach with: the lean form of the default network's, or the list as it is. Throws
   * `FAILED_PRECONDITION` in mode `lean` when the host or the list does not allow it.
   */
  async choose(list: NetworkConfigList, signal: AbortSignal): Promise<NetworkConfigList> {
    const { mode, name } = this.#parts.network;
    if (mode === "plugins") return list;
    if (list.name !== name) {
      await this.#keepApart(list, signal);
      return list;
    }
    const lean = leanList(list, this.#parts.network);
    const network = lean === undefined ? undefined : leanNetworkOf(lean);
    if (lean === undefined || network === undefined) return this.#fallBack(list, "the list is not the one we write");
    if (this.#problem !== undefined) return this.#fallBack(list, this.#problem);
    if (this.#possible) return lean;
    const problem = await this.restore(network, signal);
    this.#possible = problem === "";
    if (this.#possible) return lean;
    this.#problem = problem;
    return this.#fallBack(list, problem);
  }

  /** Keeps a network that is attached to in another way apart from the one in lean mode, when there is one. */
  async #keepApart(list: NetworkConfigList, signal: AbortSignal): Promise<void> {
    if (this.#problem !== undefined || isolatedBridges([list]).every((bridge) => this.#apart.has(bridge))) return;
    const { lists, network } = this.#parts;
    const own = (await lists()).find(({ name }) => name === network.name);
    const lean = own === undefined ? undefined : leanList(own, network);
    const present = lean === undefined ? undefined : leanNetworkOf(lean);
    if (present !== undefined && (await this.#parts.rules.isPresent(present, signal))) {
      await this.restore(present, signal);
    }
    for (const bridge of isolatedBridges([list])) this.#apart.add(bridge);
  }

  /**
   * Puts the rules in force, and publishes again what had been published when they were lost (a reboot, `nft flush
   * ruleset`). Resolves with why the host cannot have them, or an empty text.
   */
  async restore(network: LeanNetwork, signal: AbortSignal): Promise<string> {
    const { rules, ports, lists, owners, logger } = this.#parts;
    const others = isolatedBridges(await lists()).filter((bridge) => bridge !== network.bridge);
    const { problem, fresh } = await rules.ensure(network, others, signal);
    if (problem !== "" || !fresh) return problem;
    for (const owner of await owners(network.table)) {
      await ports.publish(network, owner, signal);
      logger.info("ports published again", { containerId: owner.containerId, table: network.table });
    }
    return "";
  }

  /** Publishes the ports of an attachment, after its plugins. Throws `PORT_IN_USE`. */
  publish(network: LeanNetwork, owner: PortOwner, signal: AbortSignal): Promise<void> {
    return this.#parts.ports.publish(network, owner, signal);
  }

  /**
   * Takes back the ports of an attachment. `thorough` looks for all that is the container's instead of relying on the
   * record; resolves with what that found.
   */
  async unpublish(
    record: AttachmentRecord,
    list: NetworkConfigList,
    owner: PortOwner,
    thorough: boolean,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { ports, network } = this.#parts;
    const table = leanNetworkOf(list)?.table;
    if (table !== undefined) {
      return thorough ? ports.remove(table, owner, signal) : ports.unpublish(table, owner, signal);
    }
    // A record that has lost its configuration does not say in which mode it was made.
    const lost = record.config === "" && record.networkName === network.name;
    return lost ? ports.remove(leanTable(network.bridge), owner, signal) : [];
  }

  /** The ports of an attachment that are not published any more, as `<host port>/<protocol>`. */
  async missing(network: LeanNetwork, owner: PortOwner, signal: AbortSignal): Promise<readonly string[]> {
    const missing = await this.#parts.ports.missing(network.table, owner, signal);
    return missing.map(({ hostPort, protocol }) => `${String(hostPort)}/${protocol}`);
  }

  /** Removes ports of the default network that lead to addresses that are given out to nobody. */
  async removeStrays(
    list: NetworkConfigList,
    isGivenOut: (address: string) => boolean,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { network, ports } = this.#parts;
    const lean = leanList(list, network);
    const present = lean === undefined ? undefined : leanNetworkOf(lean);
    if (present === undefined) return [];
    return ports.removeWhere(present.table, ({ address }) => !isGivenOut(address), signal);
  }

  #fallBack(list: NetworkConfigList, problem: string): NetworkConfigList {
    const { network, logger } = this.#parts;
    if (network.mode === "lean") {
      throw new RuntimeError("FAILED_PRECONDITION", `network ${list.name}: lean mode is not possible: ${problem}`, {
        hint: 'Choose the mode "auto" to fall back to the plugins',
        details: { network: list.name, problem },
      });
    }
    logger.debug("lean mode is not possible", { network: list.name, problem });
    return list;
  }
}
