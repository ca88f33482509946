import type { PrivateHost } from "../host/private-host.js";
import { checkCanary, readCanary } from "../invariants/canary.js";
import { checkInvariants, type Violation } from "../invariants/check-invariants.js";
import { checkFileModes } from "../invariants/file-modes.js";
import { type LeakCheckOptions, withLeakCheckSince } from "./leak-check.js";
import type { LeakInventory } from "./leak-inventory.js";
import { takeInventory } from "./take-inventory.js";

/** A host at rest breaks rules of `docs/reliability.md`. */
export class InvariantError extends Error {
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    super(`the host at rest breaks rules:\n${violations.map(format).join("\n")}`);
    this.name = "InvariantError";
    this.violations = violations;
  }
}

/**
 * Watches over a host from one test to the next: each has to leave it as it was before, with every rule kept and the
 * machine's own files untouched. What one test has left is what the next one begins with, so it is looked at once only.
 */
export class LeakWatch {
  readonly #host: PrivateHost;
  #rest: LeakInventory | undefined;
  /** What was so before: somebody else's, or of a test that has failed. */
  #accepted: ReadonlySet<string> = new Set();

  constructor(host: PrivateHost) {
    this.#host = host;
  }

  /** Runs `work`. Throws `LeakError` or {@link InvariantError}, or what `work` throws. */
  async check<T>(work: () => Promise<T>, options: LeakCheckOptions = {}): Promise<T> {
    const before = this.#rest ?? (await takeInventory(this.#host, options));
    // Where nobody knows, as after a failure: one test that leaves something is not to fail all that follow.
    if (this.#rest === undefined) this.#accepted = new Set((await this.#violations(before)).map(format));
    this.#rest = undefined;
    const canary = await readCanary();
    const { result, after } = await withLeakCheckSince(this.#host, before, work, options);
    const violations = [...(await this.#violations(after)), ...(await checkCanary(canary))];
    const news = violations.filter((violation) => !this.#accepted.has(format(violation)));
    if (news.length > 0) throw new InvariantError(news);
    // What may be left may also go by and by, as images do that were let go of and have not been collected yet.
    if ((options.ignore ?? []).length === 0) this.#rest = after;
    return result;
  }

  async #violations(inventory: LeakInventory): Promise<Violation[]> {
    return [...checkInvariants(inventory), ...(await checkFileModes(this.#host))];
  }
}

function format({ rule, what }: Violation): string {
  return `${rule}: ${what}`;
}
