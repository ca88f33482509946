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
} from "@voiyd/networking-cni";
import { timed, type Samples } from "./statistics.js";

/** Adds up how long plugins run. */
export class CountingExecutor implements PluginExecutor {
  readonly #inline: PluginExecutor;
  totalMs = 0;

  constructor(inline: PluginExecutor = new InlineExecutor()) {
    this.#inline = inline;
  }
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

  /** One round: so many containers at once, attached and detached. Namespaces are made before, as a runtime does it. */
  async round(samples: Samples, atOnce: number, withPort: boolean): Promise<void> {
    const ids = Array.from({ length: atOnce }, () => `bench-${this.mode}-${String((this.#counter += 1))}`);
    await Promise.all(ids.map((id) => this.manager.prepare(id)));
    const name = `${this.mode}${withPort ? " + port" : ""} x${String(atOnce)}`;
    this.executor.totalMs = 0;
    const attach = ids.map((containerId, index) => () => {
      const hostPort = (this.mode === "lean" ? 21_000 : 22_000) + index;
      return this.manager.attach({ containerId, portMappings: withPort ? [{ hostPort, containerPort: 80 }] : [] });
    });
    samples.add(`attach ${name}`, await timed(() => Promise.all(attach.map((one) => one()))));
    samples.add(`plugins of attach ${name}`, this.executor.totalMs);
    this.executor.totalMs = 0;
    samples.add(`detach ${name}`, await timed(() => Promise.all(ids.map((id) => this.manager.detach(id)))));
    samples.add(`plugins of detach ${name}`, this.executor.totalMs);
  }
}
