export type { ContractCapability, ContractHarness, ContractPrograms, ContractTestApi } from "./contract/harness.js";
export type { MemoryClock } from "./memory/clock.js";
export type { MemoryRuntime } from "./memory/memory-runtime.js";
export type { MemoryImage, MemoryRuntimeOptions } from "./memory/options.js";
export type { Program, ProgramContext } from "./memory/program.js";

export { runtimeContract } from "./contract/runtime-contract.js";
export { createMemoryRuntime } from "./memory/memory-runtime.js";
export { busyboxPrograms } from "./programs/busybox-programs.js";
