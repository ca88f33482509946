// Does one operation after the other, as it is told line by line, each with a fault in one of its steps. Its parent expects
// it to die of some of them.
import { createInterface } from "node:readline";
import { ContainerdClient } from "@voiyd/containerd-client";
import { createNetworkManager } from "@voiyd/networking-cni";
import { isRuntimeError } from "@voiyd/runtime-api";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import type { HostDescription } from "../host-description.js";
import { BESIDE, type Operation, type OperationName, OPERATIONS, type Subject } from "./operations.js";
import { callsOf, hostOf, pluginsOf } from "./seams.js";
import { type Fault, Steps } from "./steps.js";

export interface Order {
  readonly operation: OperationName | keyof typeof BESIDE;
  readonly subject: Subject;
  readonly fault?: Fault;
  /** The operation once more, on what there is by now. */
  readonly again?: boolean;
}

export interface Outcome {
  /** What was done, in order. */
  readonly steps: readonly string[];
  /** Undefined where it succeeded. */
  readonly error?: string;
  readonly code?: string;
  /** What it says it has left behind. */
  readonly leftovers?: string;
}

const host = JSON.parse(process.argv[2] ?? "{}") as HostDescription;
let current: Steps | undefined;
const client = new ContainerdClient({
  address: host.address,
  namespace: "voiyd",
  interceptors: [callsOf(() => current)],
});
const network = createNetworkManager({
  confDir: host.confDir,
  cacheDir: host.cacheDir,
  netnsDir: host.netnsDir,
  binDirs: host.pluginDirs,
  defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
  executor: pluginsOf(() => current),
});
const { logDirFmt, stateDir } = host;
const runtime = createContainerdRuntime(client, network, {
  logDirFmt,
  stateDir,
  host: hostOf(() => current),
  recoverOnOpen: false,
});

async function obey({ operation, subject, fault, again = false }: Order): Promise<Outcome> {
  const what: Operation = { ...OPERATIONS, ...BESIDE }[operation];
  if (!again) await what.prepare?.({ runtime, network }, subject);
  const steps = new Steps(fault);
  current = steps;
  try {
    await what.act({ runtime, network }, subject, { signal: steps.signal });
    return { steps: steps.names };
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
    const leftovers = isRuntimeError(error) ? error.details["leftovers"] : undefined;
    return {
      steps: steps.names,
      error: String(error),
      ...(code === undefined ? {} : { code }),
      ...(leftovers === undefined ? {} : { leftovers: JSON.stringify(leftovers) }),
    };
  } finally {
    current = undefined;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const outcome = await obey(order).catch((error: unknown): Outcome => ({
    steps: [],
    error: `prepare: ${String(error)}`,
  }));
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
await runtime[Symbol.asyncDispose]();
await network[Symbol.asyncDispose]();
client.close();
