import { fileURLToPath } from "node:url";
import { runProgram } from "../peers/program.js";
import type { Scale, Scenario } from "../scenario.js";
import { NAMESPACE, type Stage } from "../stage/stage.js";

/** Says how much memory it has, in bytes, when it has nothing to do. */
const TELL = `
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let turn = 0; turn < 3; turn++) globalThis.gc();
  console.log(process.memoryUsage.rss());
  process.exit(0);
`;

const CLIENT = `
  import { ContainerdClient } from "@voiyd/containerd-client";
  const client = new ContainerdClient({ address: process.env.CONTAINERD_ADDRESS, namespace: "${NAMESPACE}" });
  await client.version.version({});
  ${TELL}
`;

/** Where the programs' imports are resolved from: this package. */
const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** What a program says that it has taken, in MB. */
export async function megabytes(stage: Stage, source: string): Promise<number> {
  const args = ["--expose-gc", "--input-type=module", "--eval", source];
  return Number(await runProgram(process.execPath, args, { env: stage.env, cwd: PACKAGE })) / 1e6;
}

export const idleMemory: Scenario = {
  name: "idle-memory",
  title: "resident memory of an idle client",
  unit: "MB",
  rounds: 7,
  targets: [{ against: "bare Node.js", atMost: 25, difference: true }],
  open: async (stage) => ({
    contenders: [
      { name: "voiyd", role: "ours", sample: () => megabytes(stage, CLIENT) },
      { name: "bare Node.js", role: "floor", sample: () => megabytes(stage, TELL) },
    ],
    missing: [],
    close: async () => undefined,
  }),
};

/** Lists all containers, and waits for the exit of each. */
const WATCHER = `
  import { ContainerdClient } from "@voiyd/containerd-client";
  import { createNetworkManager } from "@voiyd/networking-cni";
  import { createContainerdRuntime } from "@voiyd/runtime-containerd";
  const client = new ContainerdClient({ address: process.env.CONTAINERD_ADDRESS, namespace: "${NAMESPACE}" });
  const runtime = createContainerdRuntime(client, createNetworkManager(), {
    logDirFmt: process.env.VOIYD_LOG_DIR_FMT,
    stateDir: process.env.VOIYD_STATE_DIR,
  });
  const containers = await runtime.list();
  if (containers.length !== Number(process.env.BENCH_COUNT)) throw new Error(\`\${containers.length} containers\`);
  for (const container of containers) runtime.wait(container).catch(() => undefined);
  ${TELL}
`;

/** Containers that are started at the same time. */
const BATCH = 10;

export const busyMemory: Scenario = {
  name: "busy-memory",
  title: "resident memory of a client that waits for 500 running containers",
  unit: "MB",
  rounds: 5,
  targets: [],
  async open(stage, scale: Scale) {
    const count = scale.pick(500, 3);
    const names = Array.from({ length: count }, (_, index) => `memory-${index}`);
    const inBatches = async (work: (name: string) => Promise<unknown>): Promise<void> => {
      for (let at = 0; at < count; at += BATCH) await Promise.all(names.slice(at, at + BATCH).map(work));
    };
    await inBatches((name) =>
      stage.runtime.run({
        meta: { name },
        config: { image: stage.busybox, args: ["sleep", "3600"], network: "none" },
      }),
    );
    const watching = { ...stage, env: { ...stage.env, BENCH_COUNT: String(count) } };
    return {
      contenders: [
        { name: "voiyd, 500 containers", role: "ours", sample: () => megabytes(watching, WATCHER) },
        { name: "voiyd, idle", role: "floor", sample: () => megabytes(stage, CLIENT) },
        { name: "bare Node.js", role: "floor", sample: () => megabytes(stage, TELL) },
      ],
      missing: [],
      close: () => inBatches((name) => stage.runtime.delete(name)),
    };
  },
};
