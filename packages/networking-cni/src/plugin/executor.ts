import { statSync } from "node:fs";
import { join } from "node:path";
import { assertTrustedProgram } from "./assert-trusted-program.js";
import { baseEnvironment } from "./environment.js";
import { errorCode } from "./error-code.js";
import { runProcess, type ProcessOutcome, type RunProcess } from "./run-process.js";

/** One call of a plugin. */
export interface PluginInvocation {
  readonly path: string;
  /** The `CNI_*` variables. The executor adds what every program needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly signal?: AbortSignal;
  /** How long the plugin may go on by itself after an abort, in milliseconds. */
  readonly graceMs: number;
}

/** What a plugin is, as far as it can change: another file in its place is another identity. */
export interface FoundPlugin {
  readonly path: string;
  readonly identity: string;
}

/** Finds and runs plugins. Replace it to run them elsewhere, or not at all. */
export interface PluginExecutor {
  /**
   * The first plugin of this type in the folders, in their order, or `undefined`. Throws `FAILED_PRECONDITION` for one that
   * others could have written.
   */
  find(type: string, binDirs: readonly string[]): Promise<FoundPlugin | undefined>;
  /** Runs a plugin to its end; resolves however it ended, rejects when it could not be started. */
  exec(invocation: PluginInvocation): Promise<ProcessOutcome>;
  /** Runs the other programs that a manager needs (ip, iptables, nft). Default: child processes. */
  readonly run?: RunProcess;
}

/** Runs plugins as child processes of this one. */
export class InlineExecutor implements PluginExecutor {
  readonly #run: RunProcess;

  constructor(run: RunProcess = runProcess) {
    this.#run = run;
  }

  async find(type: string, binDirs: readonly string[]): Promise<FoundPlugin | undefined> {
    for (const dir of binDirs) {
      const path = join(dir, type);
      try {
        // As for the look at who could have written it, the way through the thread pool would take far longer.
        const found = statSync(path, { bigint: true });
        if (!found.isFile()) continue;
        assertTrustedProgram(path);
        return {
          path,
          identity: `${path}:${String(found.dev)}:${String(found.ino)}:${String(found.size)}:${String(found.mtimeNs)}`,
        };
      } catch (error) {
        if (!["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) throw error;
      }
    }
    return undefined;
  }

  exec({ path, env, stdin, signal, graceMs }: PluginInvocation): Promise<ProcessOutcome> {
    const request = { file: path, env: { ...baseEnvironment(), ...env }, stdin, graceMs };
    return this.#run(signal === undefined ? request : { ...request, signal });
  }
}
