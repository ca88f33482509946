import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { buildImage } from "@voiyd/harness";
import type { Contender, Scale, Scenario } from "../scenario.js";
import { NAMESPACE, type Stage } from "../stage/stage.js";
import { megabytes } from "./memory.js";

/** Pulls an image in a process of its own, and says how much memory that has ever had, in bytes. */
const PULLER = `
  import { ContainerdClient } from "@voiyd/containerd-client";
  import { createNetworkManager } from "@voiyd/networking-cni";
  import { createContainerdRuntime } from "@voiyd/runtime-containerd";
  const client = new ContainerdClient({ address: process.env.CONTAINERD_ADDRESS, namespace: "${NAMESPACE}" });
  const runtime = createContainerdRuntime(client, createNetworkManager(), {
    logDirFmt: process.env.VOIYD_LOG_DIR_FMT,
    stateDir: process.env.VOIYD_STATE_DIR,
  });
  await runtime.pullImage(process.env.BENCH_IMAGE);
  console.log(process.resourceUsage().maxRSS * 1024);
  process.exit(0);
`;

const LAYERS = 8;
const MIB = 1024 * 1024;

async function publish(stage: Stage, name: string, bytes: number): Promise<string> {
  const layers = Array.from({ length: LAYERS }, (_, index) => ({
    files: { [`layer-${index}`]: { content: randomBytes(Math.round(bytes / LAYERS)) } },
  }));
  const directory = join(stage.directory, `image-${name}`);
  const image = await buildImage({ directory, layers, compression: "none" });
  return stage.registry.push(image.directory, `bench/${name}`, "latest");
}

function puller(stage: Stage, name: string, role: Contender["role"], reference: string): Contender {
  return {
    name,
    role,
    async sample() {
      const taken = await megabytes({ ...stage, env: { ...stage.env, BENCH_IMAGE: reference } }, PULLER);
      await stage.runtime.removeImage(reference);
      return taken;
    },
  };
}

export const pullMemory: Scenario = {
  name: "pull-memory",
  title: "peak memory of a process that pulls 500 MB, and of one that pulls 2 GB",
  unit: "MB",
  rounds: 3,
  warmUp: 0,
  targets: [{ atMost: 200 }, { against: "voiyd, 500 MB", atMost: 1.1 }],
  async open(stage, scale: Scale) {
    const small = await publish(stage, "memory-small", scale.pick(500e6, MIB));
    const large = await publish(stage, "memory-large", scale.pick(2e9, 4 * MIB));
    return {
      contenders: [puller(stage, "voiyd, 2 GB", "ours", large), puller(stage, "voiyd, 500 MB", "floor", small)],
      missing: [],
      close: async () => undefined,
    };
  },
};
