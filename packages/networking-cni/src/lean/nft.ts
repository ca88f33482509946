import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import { RULES_LIMIT_BYTES, type ProcessOutcome, type RunProcess } from "../plugin/run-process.js";

/** What became of a call of nft. */
export interface NftOutcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** Why it failed; empty when it did not. */
  readonly problem: string;
  /** Whether nft is installed at all. */
  readonly installed: boolean;
}

/** Runs `nft`, as it is in PATH. Everything of one script is one transaction. */
export class Nft {
  readonly #run: RunProcess;

  constructor(run: RunProcess) {
    this.#run = run;
  }

  /** Runs lines; what it lists is printed as JSON, one object a line. */
  script(lines: readonly string[], signal: AbortSignal): Promise<NftOutcome> {
    // nft opens its input by name, which cannot be done with the socket that a child's input is. It joins its arguments.
    return this.#call(["-j", "--", ...lines.map((line) => `${line}\n`)], signal);
  }

  /** What nft says of a table, without the elements of its maps. */
  table(table: string, signal: AbortSignal): Promise<NftOutcome> {
    return this.#call(["-t", "list", "table", "inet", table], signal);
  }

  /** All rules of the host as JSON; `terse` without the contents of sets and maps that have a name. */
  ruleset(terse: boolean, signal: AbortSignal): Promise<NftOutcome> {
    return this.#call(["-j", ...(terse ? ["-t"] : []), "list", "ruleset"], signal);
  }

  /** Resolves however nft ended. Rejects with the signal's reason, and when nft cannot be started although it is there. */
  async #call(args: readonly string[], signal: AbortSignal): Promise<NftOutcome> {
    const outcome = await this.#start(args, signal);
    if (outcome === undefined)
      return { ok: false, stdout: "", problem: "nft (nftables) is not installed", installed: false };
    if (outcome.exitCode === 0) return { ok: true, stdout: outcome.stdout, problem: "", installed: true };
    signal.throwIfAborted();
    const problem = outcome.stderr.trim().split("\n")[0] ?? "";
    const ending = `exit code ${String(outcome.exitCode)}`;
    return { ok: false, stdout: outcome.stdout, problem: `nft: ${problem || ending}`, installed: true };
  }

  async #start(args: readonly string[], signal: AbortSignal): Promise<ProcessOutcome | undefined> {
    try {
      return await this.#run({
        file: "nft",
        args,
        env: baseEnvironment(),
        signal,
        graceMs: 1000,
        outputLimit: RULES_LIMIT_BYTES,
      });
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}
