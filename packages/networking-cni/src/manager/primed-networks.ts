import { mkdir, readFile, writeFile } from "node:fs/promises";
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
    const mark = `${network}${withPorts ? "@ports" : ""}`;
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

  async #isPrimed(mark: string): Promise<boolean> {
    if (this.#known.has(mark)) return true;
    if ((await this.#read(mark)) !== (await this.#present())) return false;
    this.#known.add(mark);
    return true;
  }

  async #remember(mark: string): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await writeFile(join(this.#dir, mark), await this.#present(), { mode: 0o600 });
    this.#known.add(mark);
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
