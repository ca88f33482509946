// Runs one scenario, with a defect planted in it or none. Says when the host is at rest, and in the end what was not as
// promised.
import { createInterface } from "node:readline";
import { ContainerdClient, type ContainerdClientOptions } from "@voiyd/containerd-client";
import { createNetworkManager } from "@voiyd/networking-cni";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import type { HostDescription } from "../../host-description.js";
import { SCENARIOS, type ScenarioName } from "./scenarios.js";

export interface Task {
  readonly host: HostDescription;
  readonly scenario: ScenarioName;
  readonly image: string;
  readonly pulled: string;
  readonly living: string;
  readonly recycled: string;
}

/** What is said, line by line. */
export interface Word {
  /** Undefined for the last one. */
  readonly atRest?: true;
  readonly problems: readonly string[];
}

type Interceptor = NonNullable<ContainerdClientOptions["interceptors"]>[number];

const { host, scenario, ...rest } = JSON.parse(process.argv[2] ?? "{}") as Task;

const endAfterRecord: Interceptor = (next) => async (call) => {
  const answer = await next(call);
  if (call.method.name === "Delete" && call.method.parent.typeName.endsWith(".Containers")) {
    process.kill(process.pid, "SIGKILL");
  }
  return answer;
};

const client = new ContainerdClient({
  address: host.address,
  namespace: "voiyd",
  interceptors: scenario === "cut" ? [endAfterRecord] : [],
});
const network = createNetworkManager({
  confDir: host.confDir,
  cacheDir: host.cacheDir,
  netnsDir: host.netnsDir,
  binDirs: host.pluginDirs,
  defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
});
const options = { logDirFmt: host.logDirFmt, stateDir: host.stateDir, recoverOnOpen: false };
const runtime = createContainerdRuntime(client, network, options);
const neighbour = createContainerdRuntime(client, network, { ...options, namespace: "other" });

const problems: string[] = [];
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (word: Word): void => {
  process.stdout.write(`${JSON.stringify(word)}\n`);
};
try {
  await SCENARIOS[scenario]({
    ...rest,
    client,
    runtime,
    neighbour,
    stateDir: host.stateDir,
    problem: (text) => {
      problems.push(text);
    },
    atRest: async () => {
      say({ atRest: true, problems });
      await answers.next();
    },
  });
} catch (error) {
  problems.push(`the scenario fails: ${String(error)}`);
}
say({ problems });
await runtime[Symbol.asyncDispose]();
await neighbour[Symbol.asyncDispose]();
await network[Symbol.asyncDispose]();
client.close();
process.stdin.destroy();
