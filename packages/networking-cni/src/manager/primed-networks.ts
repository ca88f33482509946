import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostLocks } from "../lock/host-lock.js";
import type { HostFacts } from "../netns/host-facts.js";
import { errorCode } from "../plugin/error-code.js";

/**
 * Remembers which networks have been attached to since the host namespace began. The plugins make what all containers
 * share (the bridge, chains of the firewall) at the first attach, and do it wrong when several are the first at once:
 * rules twice, or failures. So the first one, and the first one with published ports, has the host for itself.
 */
export class PrimedNetworks {
  readonly #dir: string;
  readonly #locks: HostLocks;
  readonly #host: HostFacts;
  readonly #known = new Set<string>();

  constructor(dir: string, locks: HostLocks, host: HostFacts) {
    this.#dir = dir;
    this.#locks = locks;
    this.#host = host;
  }

  /** Runs the attach, alone while it is the first one of its kind. A failed one was none. */
  async run<T>(network: string, withPorts: boolean, attach: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const mark = markOf(network, withPorts);
    if (await this.#isPrimed(mark)) return attach();
    const lock = await this.#locks.acquire("prime", signal);
    try {
      if (!(await this.#isPrimed(mark))) {
        const attached = await attach();
        await this.#remember(mark);
        return attached;
      }
    } finally {
      await lock[Symbol.asyncDispose]();
    }
    return attach();
  }

  /** Whether the first attach of this kind is over. */
  isPrimed(network: string, withPorts: boolean): Promise<boolean> {
    return this.#isPrimed(markOf(network, withPorts));
  }

  /** The network is gone: the next one of its name is another one. */
  async forget(network: string): Promise<void> {
    for (const mark of [markOf(network, false), markOf(network, true)]) {
      this.#known.delete(mark);
      await rm(join(this.#dir, mark), { force: true });
    }
  }

  async #isPrimed(mark: string): Promise<boolean> {
    if (this.#known.has(mark)) return true;
    if ((await this.#read(mark)) !== (await this.#present())) return false;
    this.#known.add(mark);
    return true;
  }

  async #remember(mark: string): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    // The first attach with ports makes all that the first one without makes.
    for (const each of new Set([mark, mark.replace(PORTS, "")])) {
      await writeFile(join(this.#dir, each), await this.#present(), { mode: 0o600 });
      this.#known.add(each);
    }
  }

  /** Chains live as long as the namespace they are in, and no longer than the boot. */
  async #present(): Promise<string> {
    return `${await this.#host.bootId()} ${await this.#host.ownNamespace()}`;
  }

  async #read(mark: string): Promise<string> {
    try {
      return await readFile(join(this.#dir, mark), "utf8");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return "";
      throw error;
    }
  }
}

/** Not part of any network's name. */
const PORTS = "@ports";

function markOf(network: string, withPorts: boolean): string {
  return `${network}${withPorts ? PORTS : ""}`;
}
