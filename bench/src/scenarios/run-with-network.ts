import { join } from "node:path";
import { createNetworkManager } from "@voiyd/networking-cni";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import { generateId } from "@voiyd/runtime-api";
import { timed } from "../measure/timed.js";
import { engineRun } from "../peers/engine-run.js";
import type { Contender, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

let number = 0;

function run(stage: Stage, name: string, role: Contender["role"], network: string, ports: boolean): Contender {
  return {
    name,
    role,
    async sample() {
      const own = `net-${number++}`;
      const portMappings = ports ? [{ hostPort: 0, containerPort: 80 }] : [];
      const request = {
        meta: { name: own },
        config: { image: stage.busybox, args: ["sleep", "3600"], network, portMappings },
      };
      const milliseconds = await timed(() => stage.runtime.run(request));
      await stage.runtime.delete(own);
      return milliseconds;
    },
  };
}

/** The network alone, then the container alone: what it would cost not to do them side by side. */
function oneAfterTheOther(stage: Stage, alone: Contender): Contender {
  return {
    name: "attach alone + run without network",
    role: "floor",
    async sample() {
      const containerId = `bench-${generateId()}`;
      const milliseconds = await timed(() => stage.network.attach({ containerId, networks: ["default"] }));
      await stage.network.detach(containerId);
      return milliseconds + (await alone.sample());
    },
  };
}

export const runWithNetwork: Scenario = {
  name: "run-network",
  title: "`run` to running, with the default network",
  unit: "ms",
  rounds: 11,
  warmUp: 10,
  targets: [{ against: "attach alone + run without network", atMost: 0.75 }],
  async open(stage) {
    const { missing } = await stage.engines();
    return {
      contenders: [
        run(stage, "voiyd", "ours", "default", false),
        oneAfterTheOther(stage, run(stage, "", "floor", "none", false)),
      ],
      missing,
      close: async () => undefined,
    };
  },
};

export const runWithPort: Scenario = {
  name: "run-port",
  title: "`run` to running, with the default network and a port",
  unit: "ms",
  rounds: 11,
  warmUp: 10,
  targets: ["docker", "podman", "nerdctl"].map((name) => ({ against: `${name} run -d`, atMost: 0.5 })),
  async open(stage) {
    const { ready, missing } = await stage.engines();
    const engines = ready.map((engine) => engineRun(stage, engine, ["-p", "80"]));
    return {
      contenders: [run(stage, "voiyd", "ours", "default", true), ...engines],
      missing,
      close: async () => undefined,
    };
  },
};

export const runWithLeanNetwork: Scenario = {
  name: "run-lean",
  title: "`run` to running, with the lean network and a port",
  unit: "ms",
  rounds: 11,
  warmUp: 10,
  targets: [],
  async open(stage) {
    const { host } = stage;
    const own = (name: string): string => join(stage.directory, "lean", name);
    const network = createNetworkManager({
      confDir: own("net.d"),
      cacheDir: own("cache"),
      netnsDir: own("netns"),
      binDirs: host.pluginDirs,
      defaultNetwork: { mode: "lean", bridge: "vbench-lean", subnet: "172.30.255.0/24", ipamDataDir: own("leases") },
    });
    const runtime = createContainerdRuntime(stage.client, network, {
      logDirFmt: host.logDirFmt,
      stateDir: host.stateDir,
      snapshotter: host.snapshotter,
    });
    return {
      contenders: [
        run({ ...stage, runtime }, "voiyd, lean", "ours", "default", true),
        run(stage, "voiyd, the default list", "peer", "default", true),
        run(stage, "voiyd, without network", "floor", "none", false),
      ],
      missing: [],
      close: async () => {
        await runtime[Symbol.asyncDispose]();
        await network[Symbol.asyncDispose]();
      },
    };
  },
};
