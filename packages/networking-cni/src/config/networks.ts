import { accessSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@voiyd/logger";
import { DEFAULT_NETWORK, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import type { UsedSubnet } from "../host/host-links.js";
import type { JsonObject } from "../protocol/json.js";
import { defaultConfigList, type DefaultNetwork } from "./default-network.js";
import { ProcHostIpv6, type HostIpv6 } from "./host-ipv6.js";
import { findNetwork, loadConfigFile, loadConfigFolder, type LoadedFolder, type LoadedNetwork } from "./load-folder.js";
import { writeList } from "./write-list.js";
import { checkedSubnet, freeSubnet, overlapsAny } from "../network/choose-subnet.js";
import { isOwnNetwork } from "./own-network.js";
import { subnetsOf } from "./subnets-of.js";
import { ulaSubnet } from "./ula-subnet.js";

/** The networks that can be attached to: the files of the configuration folder, and the default one. */
export class Networks {
  readonly #confDir: string;
  readonly #default: DefaultNetwork;
  readonly #logger: Logger;
  readonly #ipv6: HostIpv6;
  readonly #used: () => Promise<readonly UsedSubnet[]>;

  /** `used` tells which subnets the host has already. */
  constructor(
    confDir: string,
    network: DefaultNetwork,
    logger: Logger,
    used: () => Promise<readonly UsedSubnet[]>,
    ipv6: HostIpv6 = new ProcHostIpv6(),
  ) {
    this.#used = used;
    this.#confDir = confDir;
    this.#default = network;
    this.#logger = logger;
    this.#ipv6 = ipv6;
  }

  /**
   * The list of a network as it stands now. `default` is the default network, which is written when it is asked for and
   * absent. Throws `NETWORK_NOT_FOUND`, `NETWORK_CONFIG_INVALID`, `PERMISSION_DENIED`, and `FAILED_PRECONDITION` where it
   * is to be written with a subnet that is in use.
   */
  async load(name: string): Promise<NetworkConfigList> {
    if (!this.isDefault(name)) return (await findNetwork(this.#confDir, name, this.#logger)).list;
    const file = join(this.#confDir, this.#default.file);
    if (isThere(file)) return loadConfigFile(file);
    // A file of another name may define it; only where none does it is written.
    const elsewhere = await this.#elsewhere();
    if (elsewhere !== undefined) return elsewhere;
    await this.#write();
    return loadConfigFile(file);
  }

  /** Whether a request by this name means the default network. */
  isDefault(name: string): boolean {
    return name === DEFAULT_NETWORK || name === this.#default.name;
  }

  /** Whether the network was made here: the default one, and those of `createNetwork`. */
  isOwn(list: NetworkConfigList): boolean {
    return this.isDefault(list.name) || isOwnNetwork(list);
  }

  /** All lists that can be read. */
  async list(): Promise<readonly NetworkConfigList[]> {
    return (await this.folder()).networks.map(({ list }) => list);
  }

  /** All lists with their files, and the files that cannot be used. */
  folder(): Promise<LoadedFolder> {
    return loadConfigFolder(this.#confDir);
  }

  /** A network with its file. Throws as `load` does. */
  async find(name: string): Promise<LoadedNetwork> {
    const list = await this.load(name);
    return findNetwork(this.#confDir, list.name, this.#logger);
  }

  /** Writes the list of a new network, which gets the folder for its addresses. Throws `ALREADY_EXISTS`. */
  async add(name: string, list: (ipamDataDir: string | undefined) => JsonObject): Promise<void> {
    const file = `80-voiyd-${name}.conflist`;
    const written = await this.#whole(() => writeList(this.#confDir, file, list(this.#default.ipamDataDir)), name);
    if (written) return;
    throw new RuntimeError("ALREADY_EXISTS", `network ${name} cannot be created: there is a file ${file}`, {
      hint: "Choose another name",
      details: { network: name, file },
    });
  }

  /** The subnets of the default network, which may not have been written yet. */
  reserved(): readonly UsedSubnet[] {
    const { subnet, subnet6, name } = this.#default;
    const subnets = [subnet, ...(typeof subnet6 === "string" ? [subnet6] : [])];
    return subnets.map((one) => ({ subnet: one, by: `the default network ${name}`, device: "" }));
  }

  /** The private IPv6 subnet of a bridge, `false` for none. `wanted` undefined: where containers can use it. */
  async subnet6(bridge: string, wanted: boolean | undefined): Promise<string | false> {
    if (!(wanted ?? (await this.#ipv6.isUsable()))) return false;
    return ulaSubnet(await this.#ipv6.machineId(), bridge);
  }

  async #elsewhere(): Promise<NetworkConfigList | undefined> {
    try {
      return (await findNetwork(this.#confDir, this.#default.name, this.#logger)).list;
    } catch (error) {
      if (isRuntimeError(error, "NETWORK_NOT_FOUND")) return undefined;
      throw error;
    }
  }

  /** Asked once, when the list is written: what stands in it then is what the network is. */
  async #subnet6(): Promise<string | false> {
    const { subnet6, bridge } = this.#default;
    if (subnet6 !== undefined) return subnet6;
    return this.subnet6(bridge, undefined);
  }

  /** What overlaps another network would be a black hole to one of the two. */
  async #subnet(): Promise<string> {
    const { name, subnet, bridge, fixedSubnet } = this.#default;
    // Another process may have written it this very moment.
    const lists = (await this.list()).filter((list) => list.name !== name);
    const used = [
      ...lists.flatMap((list) =>
        subnetsOf(list).map((one) => ({ subnet: one, by: `network ${list.name}`, device: "" })),
      ),
      // The bridge may be there from before, with the very subnet.
      ...(await this.#used()).filter(({ device }) => device !== bridge),
    ];
    return fixedSubnet || !overlapsAny(subnet, used) ? checkedSubnet(subnet, 4, used) : freeSubnet(used);
  }

  async #write(): Promise<void> {
    const network = { ...this.#default, subnet: await this.#subnet(), subnet6: await this.#subnet6() };
    await this.#whole(() => writeList(this.#confDir, network.file, defaultConfigList(network)), network.name);
  }

  async #whole<T>(write: () => Promise<T>, name: string): Promise<T> {
    try {
      return await write();
    } catch (error) {
      const denied = ["EACCES", "EPERM", "EROFS"].includes(errorCode(error) ?? "");
      throw new RuntimeError(
        denied ? "PERMISSION_DENIED" : "NETWORK_SETUP_FAILED",
        `${this.#confDir}: network ${name} cannot be written`,
        {
          cause: error,
          hint: "Run as root, or write the file yourself",
        },
      );
    }
  }
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
