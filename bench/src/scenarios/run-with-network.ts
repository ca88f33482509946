import { generateId } from "@voiyd/runtime-api";
import { timed } from "../measure/timed.js";
import { engineRun } from "../peers/engine-run.js";
import { findEngines } from "../peers/missing-peers.js";
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
  targets: [{ against: "attach alone + run without network", atMost: 0.75 }],
  async open(stage) {
    const { missing } = await findEngines(stage.env);
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
  targets: ["docker", "podman", "nerdctl"].map((name) => ({ against: `${name} run -d`, atMost: 0.5 })),
  async open(stage) {
    const { ready, missing } = await findEngines(stage.env);
    const engines = await Promise.all(ready.map((engine) => engineRun(stage, engine, ["-p", "80"])));
    return {
      contenders: [run(stage, "voiyd", "ours", "default", true), ...engines],
      missing,
      close: async () => undefined,
    };
  },
};
