import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@voiyd/logger";
import { DEFAULT_NETWORK, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { writeDefaultList, type DefaultNetwork } from "./default-network.js";
import { ProcHostIpv6, type HostIpv6 } from "./host-ipv6.js";
import { findNetwork, loadConfigFile, loadConfigFolder } from "./load-folder.js";
import { ulaSubnet } from "./ula-subnet.js";

/** The networks that can be attached to: the files of the configuration folder, and the default one. */
export class Networks {
  readonly #confDir: string;
  readonly #default: DefaultNetwork;
  readonly #logger: Logger;
  readonly #ipv6: HostIpv6;

  constructor(confDir: string, network: DefaultNetwork, logger: Logger, ipv6: HostIpv6 = new ProcHostIpv6()) {
    this.#confDir = confDir;
    this.#default = network;
    this.#logger = logger;
    this.#ipv6 = ipv6;
  }

  /**
   * The list of a network as it stands now. `default` is the default network, which is written when it is asked for and
   * absent. Throws `NETWORK_NOT_FOUND`, `NETWORK_CONFIG_INVALID`, `PERMISSION_DENIED`.
   */
  async load(name: string): Promise<NetworkConfigList> {
    if (!this.isDefault(name)) return (await findNetwork(this.#confDir, name, this.#logger)).list;
    const file = join(this.#confDir, this.#default.file);
    if (await isThere(file)) return loadConfigFile(file);
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

  /** All lists that can be read. */
  async list(): Promise<readonly NetworkConfigList[]> {
    return (await loadConfigFolder(this.#confDir)).networks.map(({ list }) => list);
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
    return (await this.#ipv6.isUsable()) ? ulaSubnet(await this.#ipv6.machineId(), bridge) : false;
  }

  async #write(): Promise<void> {
    try {
      await writeDefaultList(this.#confDir, { ...this.#default, subnet6: await this.#subnet6() });
    } catch (error) {
      const denied = ["EACCES", "EPERM", "EROFS"].includes(errorCode(error) ?? "");
      throw new RuntimeError(
        denied ? "PERMISSION_DENIED" : "NETWORK_SETUP_FAILED",
        `${this.#confDir}: the default network cannot be written`,
        {
          cause: error,
          hint: "Run as root, or write the file yourself",
        },
      );
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
