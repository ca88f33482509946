import type { HostLocks } from "../lock/host-lock.js";
import type { RunProcess } from "../plugin/run-process.js";
import { acceptForwarding } from "./forward-accept.js";
import type { LeanNetwork } from "./lean-network.js";
import type { Nft } from "./nft.js";
import { MARKER_PREFIX, ruleSet } from "./rule-set.js";

/** What became of the rules of a network. */
export interface EnsuredRules {
  /** Why the host cannot have them; empty when they are in force. */
  readonly problem: string;
  /** They had not been there: whatever was published before is published no more. */
  readonly fresh: boolean;
}

/** The static rules of networks in lean mode. */
export class LeanRules {
  readonly #nft: Nft;
  readonly #run: RunProcess;
  readonly #locks: HostLocks;

  constructor(nft: Nft, run: RunProcess, locks: HostLocks) {
    this.#nft = nft;
    this.#run = run;
    this.#locks = locks;
  }

  /** Looks whether the rules are in force, and puts them in force where they are not. Does no harm again and again. */
  async ensure(network: LeanNetwork, others: readonly string[], signal: AbortSignal): Promise<EnsuredRules> {
    const { marker } = ruleSet(network, others);
    if ((await this.#markers(network, signal)).includes(marker)) return { problem: "", fresh: false };
    const lock = await this.#locks.acquire(`lean ${network.table}`, signal);
    try {
      return await this.#install(network, others, signal);
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  }

  /** Whether there are rules of the network, in this or an earlier form. */
  async isPresent(network: LeanNetwork, signal: AbortSignal): Promise<boolean> {
    return (await this.#markers(network, signal)).length > 0;
  }

  async #install(network: LeanNetwork, others: readonly string[], signal: AbortSignal): Promise<EnsuredRules> {
    const { marker, script } = ruleSet(network, others);
    const present = await this.#markers(network, signal);
    if (present.includes(marker)) return { problem: "", fresh: false };
    // First what can fail half-way: the marker says that all of it is there.
    const problem = await acceptForwarding(this.#run, network, signal);
    if (problem !== "") return { problem, fresh: false };
    const outdated = present.map((name) => `delete chain inet ${network.table} ${name}`);
    const outcome = await this.#nft.script([...script, ...outdated], signal);
    return { problem: outcome.problem, fresh: present.length === 0 };
  }

  async #markers({ table }: LeanNetwork, signal: AbortSignal): Promise<readonly string[]> {
    const { stdout } = await this.#nft.table(table, signal);
    // An emptied table still has its chains: only with its rules it counts.
    if (!stdout.includes("jump publish")) return [];
    const names = stdout.matchAll(/^\s*chain (\S+) \{/gm);
    return Array.from(names, ([, name = ""]) => name).filter((name) => name.startsWith(MARKER_PREFIX));
  }
}
