import type { Runtime } from "@voiyd/runtime-api";
import type { ContractHarness, ContractTestApi } from "../contract/harness.js";
import type { MemoryRuntime } from "../memory/memory-runtime.js";
import { createMemoryRuntime } from "../memory/memory-runtime.js";
import { busyboxPrograms } from "../programs/busybox-programs.js";

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
      "logs",
      "events",
      "supervise",
      "copy",
      "diff",
      "commit",
    ],
    freePort: () => Promise.resolve(port++),
    testApi,
  };
}
