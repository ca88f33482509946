import { isRecord } from "../container/json.js";
import type { Host } from "../host/host.js";

/** What OCI runtimes can do, asked of each once (`features.md` of the runtime specification). */
export class RuntimeFeatures {
  readonly #host: Pick<Host, "command" | "facts">;
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(host: Pick<Host, "command" | "facts">) {
    this.#host = host;
  }

  /** Whether a mount and all below it can be made read-only: `mount_setattr(2)` came with Linux 5.12. */
  async recursiveReadOnly(binary: string): Promise<boolean> {
    const { major, minor } = this.#host.facts.kernel;
    if (major < 5 || (major === 5 && minor < 12)) return false;
    let options = this.#known.get(binary);
    if (options === undefined) {
      options = this.#mountOptions(binary);
      this.#known.set(binary, options);
    }
    return (await options).has("rro");
  }

  async #mountOptions(binary: string): Promise<ReadonlySet<string>> {
    try {
      const { stdout } = await this.#host.command(binary, ["features"]);
      const answer: unknown = JSON.parse(stdout);
      const list: unknown = isRecord(answer) ? answer["mountOptions"] : undefined;
      return new Set(Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : []);
    } catch {
      // Too old to be asked, not to be found, or not saying: it counts as one that cannot.
      return new Set();
    }
  }
}
