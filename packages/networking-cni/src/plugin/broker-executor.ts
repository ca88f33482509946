import { Broker } from "./broker.js";
import { InlineExecutor, type FoundPlugin, type PluginExecutor, type PluginInvocation } from "./executor.js";
import { whenNotBusy, type ProcessOutcome, type RunProcess } from "./run-process.js";

/**
 * Runs plugins, and the other programs that a manager needs, from a small process of its own. Starting a program blocks
 * the one that starts it for as long as copying its memory map takes: 1 ms in a small process, 24 ms in one of 450 MB.
 * The process is started when it is first needed and started again when it dies; what it was running then is ended and
 * fails. It ends with this process, and when it is disposed.
 */
export class BrokerExecutor implements PluginExecutor, AsyncDisposable {
  readonly #inline: InlineExecutor;
  #broker: Broker | undefined;

  constructor() {
    this.#inline = new InlineExecutor(this.run);
  }

  /** Runs any program, as plugins are run. */
  readonly run: RunProcess = (request) => whenNotBusy(() => this.#living().run(request));

  find(type: string, binDirs: readonly string[]): Promise<FoundPlugin | undefined> {
    return this.#inline.find(type, binDirs);
  }

  exec(invocation: PluginInvocation): Promise<ProcessOutcome> {
    return this.#inline.exec(invocation);
  }

  /** The process that runs the plugins at the moment. */
  get pid(): number | undefined {
    return this.#broker?.alive === true ? this.#broker.pid : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }

  #living(): Broker {
    if (this.#broker?.alive !== true) this.#broker = new Broker();
    return this.#broker;
  }
}
