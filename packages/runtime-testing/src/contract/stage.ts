import { setTimeout as pause } from "node:timers/promises";
import type { Container, ContainerConfig, ContainerMeta, ContainerRequest, Runtime } from "@voiyd/runtime-api";
import { canWait } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import type { ContractHarness } from "./harness.js";
import { readUntil } from "./streams.js";

/** Declares one promise of the contract: a test with a stage of its own. */
export type Promised = (name: string, body: (stage: Stage) => Promise<void>) => void;

type Program = readonly string[];
type Config = Partial<ContainerConfig>;
type Meta = Partial<ContainerMeta>;

/** What a contract test stands on: a runtime with the image pulled, and containers that are deleted afterwards. */
export interface Stage {
  readonly harness: ContractHarness;
  readonly runtime: Runtime;
  /** A request under a name that is deleted at the end: `meta.name`, or one that the test has not used yet. */
  readonly request: (program: Program, config?: Config, meta?: Meta) => ContainerRequest;
  readonly run: (program: Program, config?: Config, meta?: Meta) => Promise<Container>;
  /** Runs a program that says `ready`, and waits until it does. */
  readonly runUntilReady: (program: Program, config?: Config) => Promise<Container>;
  /** Runs a program that ends by itself; resolves with the container as it is then. */
  readonly runToItsEnd: (program: Program, config?: Config) => Promise<Container>;
  readonly untilExited: (id: string) => Promise<Container>;
  /** The names of all containers, sorted. */
  readonly names: () => Promise<string[]>;
  /** Deletes what the test made. Rejects when something is left. */
  readonly clear: () => Promise<void>;
}

const POLL_MS = 10;
const PATIENCE_MS = 10_000;

export function createStage(harness: ContractHarness, runtime: Runtime): Stage {
  const used = new Set<string>();

  const request = (program: Program, config: Config = {}, meta: Meta = {}): ContainerRequest => {
    // The letter in front is no hexadecimal digit, so the name is no id prefix.
    const name = meta.name ?? `test-${String(used.size + 1)}`;
    used.add(name);
    return { meta: { ...meta, name }, config: { image: harness.image, args: program, ...harness.config, ...config } };
  };

  const run = async (program: Program, config: Config = {}, meta: Meta = {}): Promise<Container> =>
    runtime.run(request(program, config, meta));

  const runUntilReady = async (program: Program, config: Config = {}): Promise<Container> => {
    const container = await run(program, config);
    const { stdout, stderr } = await runtime.io(container.status.id, { follow: true });
    const reader = stdout.getReader();
    await readUntil(reader, "ready\n");
    await Promise.all([reader.cancel(), stderr.cancel()]);
    return container;
  };

  const untilExited = async (id: string): Promise<Container> => {
    if (canWait(runtime)) await runtime.wait(id);
    // Only a runtime without `Wait`, or one whose record lags behind it, is asked more than once.
    for (let asked = 0; asked < PATIENCE_MS / POLL_MS; asked++) {
      const container = await runtime.get(id);
      if (container.status.phase === "exited") return container;
      await pause(POLL_MS);
    }
    throw new Error(`container ${id} has not exited within ${String(PATIENCE_MS)} ms`);
  };

  const names = async (): Promise<string[]> => (await runtime.list()).map(({ meta }) => meta.name).sort();

  const clear = async (): Promise<void> => {
    for (const name of used) await runtime.delete(name);
    const left = await runtime.list();
    for (const container of left) await runtime.delete(container);
    assertSame(left, [], "containers are left at the end of the test");
  };

  return {
    harness,
    runtime,
    request,
    run,
    runUntilReady,
    runToItsEnd: async (program, config) => untilExited((await run(program, config)).status.id),
    untilExited,
    names,
    clear,
  };
}
