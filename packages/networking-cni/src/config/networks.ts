import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@voiyd/logger";
import { DEFAULT_NETWORK, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { writeDefaultList, type DefaultNetwork } from "./default-network.js";
import { findNetwork, loadConfigFile, loadConfigFolder } from "./load-folder.js";

/** The networks that can be attached to: the files of the configuration folder, and the default one. */
export class Networks {
  readonly #confDir: string;
  readonly #default: DefaultNetwork;
  readonly #logger: Logger;

  constructor(confDir: string, network: DefaultNetwork, logger: Logger) {
    this.#confDir = confDir;
    this.#default = network;
    this.#logger = logger;
  }

  /**
   * The list of a network as it stands now. `default` is the default network, which is written when it is asked for and
   * absent. Throws `NETWORK_NOT_FOUND`, `NETWORK_CONFIG_INVALID`, `PERMISSION_DENIED`.
   */
  async load(name: string): Promise<NetworkConfigList> {
    if (name !== DEFAULT_NETWORK && name !== this.#default.name)
      return (await findNetwork(this.#confDir, name, this.#logger)).list;
    const file = join(this.#confDir, this.#default.file);
    if (await isThere(file)) return loadConfigFile(file);
    // A file of another name may define it; only where none does it is written.
    const elsewhere = await this.#elsewhere();
    if (elsewhere !== undefined) return elsewhere;
    await this.#write();
    return loadConfigFile(file);
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

  async #write(): Promise<void> {
    try {
      await writeDefaultList(this.#confDir, this.#default);
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
