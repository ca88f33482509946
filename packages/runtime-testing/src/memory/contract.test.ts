import { describe, test } from "@jest/globals";
import { runtimeContract } from "../contract/runtime-contract.js";
import { memoryHarness } from "../defects/memory-harness.js";

runtimeContract(memoryHarness({ describe, test }));
