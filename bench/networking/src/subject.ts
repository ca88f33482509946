import { join } from "node:path";
import {
  createNetworkManager,
  InlineExecutor,
  type CniNetworkManager,
  type FoundPlugin,
  type NetworkMode,
  type PluginExecutor,
  type PluginInvocation,
  type ProcessOutcome,
  type RunProcess,
  runProcess,
} from "@voiyd/networking-cni";
import { timed, type Samples } from "./statistics.js";

/** What makes a namespace. Nobody attaches a container without it, so it counts as the plugins do. */
const MAKER = "unshare";

/** Adds up how long that runs which has to: the plugins, and what makes the namespace. */
export class CountingExecutor implements PluginExecutor {
  readonly #inline: PluginExecutor;
  totalMs = 0;

  constructor(inline: PluginExecutor = new InlineExecutor()) {
    this.#inline = inline;
  }
  readonly run: RunProcess = async (request) => {
    const outcome = await runProcess(request);
    if (request.file === MAKER) this.totalMs += outcome.durationMs;
    return outcome;
  };
  find(type: string, binDirs: readonly string[]): Promise<FoundPlugin | undefined> {
    return this.#inline.find(type, binDirs);
  }
  async exec(invocation: PluginInvocation): Promise<ProcessOutcome> {
    const outcome = await this.#inline.exec(invocation);
    this.totalMs += outcome.durationMs;
    return outcome;
  }
}

/** A manager of one mode, with a bridge and folders of its own. */
export class Subject {
  readonly mode: NetworkMode;
  readonly executor = new CountingExecutor();
  readonly manager: CniNetworkManager;
  #counter = 0;

  constructor(mode: NetworkMode, index: number, dir: string) {
    this.mode = mode;
    const own = (name: string): string => join(dir, mode, name);
    this.manager = createNetworkManager({
      confDir: own("net.d"),
      cacheDir: own("cache"),
      netnsDir: own("netns"),
      executor: this.executor,
      defaultNetwork: {
        mode,
        bridge: `vbench${String(index)}`,
        subnet: `10.98.${String(index)}.0/24`,
        ipamDataDir: own("leases"),
      },
    });
  }

  /**
   * One round: so many containers at once, attached and detached. Their namespaces are made before, or, `whole`, by the
   * attach, as for a runtime.
   */
  async round(samples: Samples, atOnce: number, withPort: boolean, whole = false): Promise<void> {
    const ids = Array.from({ length: atOnce }, () => `bench-${this.mode}-${String((this.#counter += 1))}`);
    if (!whole) await Promise.all(ids.map((id) => this.manager.prepare(id)));
    const name = `${this.mode}${withPort ? " + port" : ""} x${String(atOnce)}${whole ? " whole" : ""}`;
    this.executor.totalMs = 0;
    const attach = ids.map((containerId, index) => () => {
      const hostPort = (this.mode === "lean" ? 21_000 : 22_000) + index;
      return this.manager.attach({ containerId, portMappings: withPort ? [{ hostPort, containerPort: 80 }] : [] });
    });
    samples.add(`attach ${name}`, await timed(() => Promise.all(attach.map((one) => one()))));
    samples.add(`programs of attach ${name}`, this.executor.totalMs);
    this.executor.totalMs = 0;
    samples.add(`detach ${name}`, await timed(() => Promise.all(ids.map((id) => this.manager.detach(id)))));
    samples.add(`programs of detach ${name}`, this.executor.totalMs);
  }
}
