import type { Runtime } from "@voiyd/runtime-api";
import type { ContractHarness, ContractTestApi } from "../contract/harness.js";
import type { MemoryRuntime } from "../memory/memory-runtime.js";
import { createMemoryRuntime } from "../memory/memory-runtime.js";
import { busyboxPrograms } from "../programs/busybox-programs.js";

const NO_STREAMS = "programs in memory read no input";
const NO_LIMITS = "there is no kernel that would measure, limit or hold processes";

/** The in-memory runtime, or what `alter` makes of it, before the contract suite. What it makes is added to `made`. */
export function memoryHarness(
  testApi: ContractTestApi,
  alter: (runtime: MemoryRuntime) => Runtime = (runtime) => runtime,
  made: MemoryRuntime[] = [],
): ContractHarness {
  let port = 20_000;
  return {
    name: "memory",
    createRuntime: () => {
      const honest = createMemoryRuntime();
      made.push(honest);
      return Promise.resolve(alter(honest));
    },
    image: "busybox",
    missingImage: "registry.example/nobody/nothing:1",
    programs: busyboxPrograms,
    capabilities: [
      "wait",
      "images",
      "image-tags",
      "image-pruning",
      "image-inspection",
      "image-archives",
      "image-push",
      "logs",
      "events",
      "supervise",
      "copy",
      "diff",
      "export",
      "commit",
    ],
    without: {
      "image-verification": "an image in memory cannot lose a blob, and none can be damaged",
      attach: NO_STREAMS,
      "disk-usage": "nothing is on a disk",
      edit: NO_LIMITS,
      exec: NO_STREAMS,
      lifecycle: "a container in memory is started as it is made",
      pause: NO_LIMITS,
      recover: "nothing outlives the process, so nothing is found after a crash",
      stats: NO_LIMITS,
      top: "a container in memory has one process, which is a function",
    },
    pushTarget: "registry.example/team/pushed:1",
    freePort: () => Promise.resolve(port++),
    testApi,
  };
}
