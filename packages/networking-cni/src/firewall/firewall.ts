import { RuntimeError } from "@voiyd/runtime-api";
import { baseEnvironment } from "../plugin/environment.js";
import { errorCode } from "../plugin/error-code.js";
import { RULES_LIMIT_BYTES, type RunProcess } from "../plugin/run-process.js";
import { attachmentRules, type RuleOwner, type TableEdit } from "./attachment-rules.js";
import { parseSavedRules, type SavedTable } from "./saved-rules.js";

/** The families whose rules are kept apart. */
export type Family = 4 | 6;

/** The firewall of the host, as far as networks of containers are in it. The seam for tests. */
export interface Firewall {
  /** All tables, or the one that is named. */
  read(family: Family, signal: AbortSignal, table?: string): Promise<readonly SavedTable[]>;
  /** Removes what is left of an attachment; resolves with what it removed, one line each. */
  sweep(owner: RuleOwner, families: readonly Family[], signal: AbortSignal): Promise<readonly string[]>;
  /** Does what `plan` wants done, until it wants nothing more; resolves with what was done, one line each. */
  change(family: Family, plan: FirewallPlan, signal: AbortSignal): Promise<readonly string[]>;
}

/** What has to be done, seen the rules that there are. */
export type FirewallPlan = (tables: readonly SavedTable[]) => readonly TableEdit[];

/** Another program may change a rule between reading and removing; then it is read again. */
const ATTEMPTS = 3;

/** The firewall through `iptables-save` and `iptables-restore`, as they are in PATH, where the plugins look too. */
export class IptablesFirewall implements Firewall {
  readonly #run: RunProcess;

  constructor(run: RunProcess) {
    this.#run = run;
  }

  async read(family: Family, signal: AbortSignal, table?: string): Promise<readonly SavedTable[]> {
    const args = table === undefined ? [] : ["-t", table];
    return parseSavedRules((await this.#tool(family, "save", args, "", signal)) ?? "");
  }

  async sweep(owner: RuleOwner, families: readonly Family[], signal: AbortSignal): Promise<readonly string[]> {
    const plan: FirewallPlan = (tables) => attachmentRules(tables, owner);
    return (await Promise.all(families.map((family) => this.change(family, plan, signal)))).flat();
  }

  async change(family: Family, plan: FirewallPlan, signal: AbortSignal): Promise<readonly string[]> {
    const done: string[] = [];
    for (let attempt = 1; ; attempt += 1) {
      const edits = plan(await this.read(family, signal));
      if (edits.length === 0) return done;
      try {
        await this.#tool(family, "restore", ["-w", "--noflush"], restoreText(edits), signal);
        done.push(...edits.flatMap(({ lines }) => lines));
      } catch (error) {
        if (attempt === ATTEMPTS || signal.aborted) throw error;
      }
    }
  }

  /** `undefined` where the program is not installed: then no plugin has made a rule with it either. */
  async #tool(
    family: Family,
    what: "save" | "restore",
    args: readonly string[],
    stdin: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const file = `${family === 4 ? "iptables" : "ip6tables"}-${what}`;
    const outcome = await this.#start({
      file,
      args,
      env: baseEnvironment(),
      stdin,
      signal,
      graceMs: 1000,
      outputLimit: RULES_LIMIT_BYTES,
    });
    if (outcome === undefined) return undefined;
    if (outcome.exitCode === 0) return outcome.stdout;
    signal.throwIfAborted();
    throw new RuntimeError(
      "NETWORK_TEARDOWN_FAILED",
      `${file}: ${outcome.stderr.trim() || `exit code ${String(outcome.exitCode)}`}`,
      {
        details: { tool: file },
      },
    );
  }

  async #start(request: Parameters<RunProcess>[0]): Promise<Awaited<ReturnType<RunProcess>> | undefined> {
    try {
      return await this.#run(request);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}

function restoreText(edits: readonly TableEdit[]): string {
  return edits.map(({ table, lines }) => `*${table}\n${lines.join("\n")}\nCOMMIT\n`).join("");
}
